"""The sections about what comes next."""

from training import paper
from training.engine.judging.compared import shown
from training.engine.judging.nexts import Nexts
from training.engine.report import plots
from training.engine.report.pieces import minutes, table, versus
from training.paper import section


def opening(found: Nexts, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    by_accuracy = compared.metric == "accuracy"
    lines = [
        ("the model", found.model["accuracy"], compared.intervals[0] if by_accuracy else None),
        (compared.name, found.baseline["accuracy"], compared.intervals[1] if by_accuracy else None),
        ("always the commonest", found.constant["accuracy"], None),
    ]
    words = (
        f"How often the item that came was foretold first, among {found.items:,}: {found.steps:,} steps of "
        f"{compared.rows:,} test rows. The marks are the 95 % interval."
    )
    ours, theirs = (shown("mrr", side["mrr"]) for side in (found.model, found.baseline))
    figures = [
        (ours, f"mean reciprocal rank; the baseline's is {theirs}"),
        (f"{100 * found.model['recall_at_5']:.1f} %", "among the first five"),
        (f"{100 * found.model['recall_at_10']:.1f} %", "among the first ten"),
        (minutes(seconds), "of training"),
    ]
    return [section("What comes next", words, versus(lines)) + paper.tiles(figures)]


def closing(found: Nexts) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.steps:,}</td><td>{one.rank:,}</td></tr>" for one in found.worst
    )
    heads = ("test row", "steps", "median place of what came")
    return [
        section("How deep one has to look", f"Among {found.items:,} items.", plots.depth(found.ranks)),
        section("Least foreseen", "Test rows by their number in the source.", table(heads, rows)),
    ]
