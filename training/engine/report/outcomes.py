"""The sections about how the next item goes."""

from training import paper
from training.engine.judging.compared import shown
from training.engine.judging.outcomes import Outcomes
from training.engine.report import plots
from training.engine.report.pieces import bar, minutes, table, versus
from training.paper import section


def opening(found: Outcomes, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    by_order = compared.metric == "roc_auc"
    lines = [
        ("the model", found.model["roc_auc"], compared.intervals[0] if by_order else None),
        (compared.name, found.baseline["roc_auc"], compared.intervals[1] if by_order else None),
        ("the same for all", found.constant["roc_auc"], None),
    ]
    words = (
        "Of two steps, one that went well and one that did not, how often the first was thought the likelier to (ROC "
        f"AUC): {found.steps:,} steps of {compared.rows:,} test rows; {100 * found.went:.1f} % of them went well. The "
        "marks are the 95 % interval."
    )
    figures = [
        (
            shown("accuracy", found.model["accuracy"]),
            f"of steps foretold rightly; the baseline's {shown('accuracy', found.baseline['accuracy'])}, always the "
            f"commoner outcome {shown('accuracy', found.constant['accuracy'])}",
        ),
        (f"{found.model['log_loss']:.3f}", f"log loss of a step; the baseline's is {found.baseline['log_loss']:.3f}"),
        (minutes(seconds), "of training"),
    ]
    return [section("Which steps go well", words, versus(lines)) + paper.tiles(figures)]


def closing(found: Outcomes) -> list[str]:
    """What is looked up."""
    parts = "".join(
        f"<tr><td>{one.name}</td><td>{one.steps:,}</td><td>{100 * one.went:.1f} %</td><td>{one.roc_auc:.3f}</td>"
        f'<td class="drawn">{bar(one.roc_auc, "", _mark(one.baseline))}</td><td>{one.baseline:.3f}</td></tr>'
        for one in found.behind
    )
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.steps:,}</td><td>{one.log_loss:.3f}</td></tr>" for one in found.worst
    )
    heads = ("steps behind", "steps", "went well", "ROC AUC", "", "baseline's")
    sure = f"Expected calibration error: {100 * found.calibration.error:.1f} %."
    return [
        section("How much has to lie behind", _BEHIND.format(name=found.compared.name), table(heads, parts)),
        section("How sure it is", f"{sure} {_SURE}", plots.sureness(found.calibration.bins, found.abstention)),
        section("Least foreseen", _WORST, table(("test row", "steps", "log loss"), rows)),
    ]


def _mark(share: float) -> str:
    return f'<b style="left:{100 * share:.1f}%"></b>'


_BEHIND = "Steps by how many of the same row lie before them; the mark on a bar is the baseline ({name})."
_SURE = "Left, steps by the probability of the likelier outcome; right, what is gained by answering the surest only."
_WORST = "Test rows by their number in the source whose steps went otherwise than foretold."
