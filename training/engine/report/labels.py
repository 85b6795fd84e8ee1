"""The sections about answers of any number of labels a row."""

from contracts.decision import EVEN
from training import paper
from training.engine.judging.labels import Labels
from training.engine.report.pieces import by_class, minutes, table, versus
from training.paper import name, section


def opening(found: Labels, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared, model = found.compared, found.model
    by_f1 = compared.metric == "micro_f1"
    lines = [
        ("the model", model.micro.f1, compared.intervals[0] if by_f1 else None),
        (compared.name, found.baseline.micro.f1, compared.intervals[1] if by_f1 else None),
        ("always the commonest labels", found.constant.micro.f1, None),
    ]
    words = (
        f"Micro F1 on {model.rows:,} test rows: every label of every row counts alike. The marks are the 95 % interval."
    )
    macro = f"macro F1: every label counts alike; the baseline's is {100 * found.baseline.macro.f1:.1f} %"
    figures = [
        (f"{100 * model.macro.f1:.1f} %", macro),
        (f"{100 * model.accuracy:.1f} %", "of rows with all labels right and none too many"),
        (f"{found.given[1]:.2f}", f"labels answered a row; true are {found.given[0]:.2f}"),
        (minutes(seconds), "of training"),
    ]
    said = found.task.decision.label_descriptions
    weakest = by_class(("label", "labels"), found.task.labels, model.labels, found.baseline.labels, said)
    return [
        section("Labels found", words, versus(lines)) + paper.tiles(figures),
        section("Label by label", _LABELS.format(name=compared.name), weakest),
    ]


def closing(found: Labels) -> list[str]:
    """What is looked up."""
    limits = set(found.thresholds.values())
    rule = (
        f"A label is given from a probability of {EVEN:g} on."
        if limits == {EVEN}
        else "Labels are given from the task's own thresholds on."
    )
    rows = "".join(
        f'<tr><td>row {one.row:,}</td><td class="text">{", ".join(map(name, one.missed))}</td>'
        f'<td class="text">{", ".join(map(name, one.wrong))}</td></tr>'
        for one in found.worst
    )
    worst = table(("row", "not given", "wrongly given"), rows, texts=(1, 2)) if rows else ""
    return [section("Rows with most mistakes", f"{rule} {_WORST if rows else _FAULTLESS}", worst)]


_LABELS = "The weakest first, in percent of the test split. The mark on a bar is where {name} stands on the same rows."
_WORST = "By their number in the source. Look at these first: often it is the label there that is wrong."
_FAULTLESS = "No test row was answered wrongly."
