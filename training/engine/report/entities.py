"""The sections about answers that are a tag a word."""

from training import paper
from training.engine.judging.entities import Entities
from training.engine.report.pieces import by_class, minutes, table, versus
from training.paper import section


def opening(found: Entities, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared, model = found.compared, found.model
    by_f1 = compared.metric == "entity_f1"
    lines = [
        ("the model", model.entity_f1, compared.intervals[0] if by_f1 else None),
        (compared.name, found.baseline.entity_f1, compared.intervals[1] if by_f1 else None),
        ("each word's commonest tag", found.constant.entity_f1, None),
    ]
    words = (
        f"F1 of {model.entities:,} entities in {model.rows:,} test texts: type, first and last word must be right. The "
        "marks are the 95 % interval."
    )
    figures = [
        (f"{100 * model.precision:.1f} %", "of the entities answered are right (precision)"),
        (f"{100 * model.recall:.1f} %", "of the true entities are found (recall)"),
        (
            f"{100 * model.accuracy:.1f} %",
            f"of words tagged rightly; baseline {100 * found.baseline.accuracy:.1f} %",
        ),
        (minutes(seconds), "of training"),
    ]
    said = found.task.decision.label_descriptions
    weakest = by_class(("type", "types"), found.task.labels, model.types, found.baseline.types, said, "entities")
    return [
        section("Entities found", words, versus(lines)) + paper.tiles(figures),
        section("Type by type", _TYPES.format(name=compared.name), weakest),
    ]


def closing(found: Entities) -> list[str]:
    """What is looked up."""
    wrong = found.mistakes
    kinds = (
        ("missed: nothing was answered there", wrong.missed),
        ("invented: nothing is there", wrong.invented),
        ("other borders, the right type", wrong.borders),
        ("another type, the right words", wrong.types),
        ("both wrong", wrong.both),
    )
    rows = "".join(f"<tr><td>{what}</td><td>{count:,}</td></tr>" for what, count in kinds)
    worst = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.missed:,}</td><td>{one.wrong:,}</td></tr>" for one in found.worst
    )
    return [
        section("What went wrong", "Entities of the test split.", table(("", "entities"), rows)),
        section("Rows with most mistakes", _WORST, table(("row", "true ones not found", "answered wrongly"), worst))
        if worst
        else section("Rows with most mistakes", "No test row holds one.", ""),
    ]


_TYPES = "The weakest first, in percent of the test split. The mark on a bar is where {name} stands on the same texts."
_WORST = "By their number in the source. Look at these first: often it is a tag there that is wrong."
