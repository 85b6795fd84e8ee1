"""The sections about answers that are an order."""

from training import paper
from training.engine.judging.compared import shown
from training.engine.judging.ranks import Ranks
from training.engine.report import plots
from training.engine.report.pieces import minutes, table, versus
from training.paper import section


def opening(found: Ranks, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared, model, baseline = found.compared, found.model, found.baseline
    by_accuracy = compared.metric == "accuracy"
    lines = [
        ("the model", model["accuracy"], compared.intervals[0] if by_accuracy else None),
        (compared.name, baseline["accuracy"], compared.intervals[1] if by_accuracy else None),
    ]
    words = (
        f"Of {compared.rows:,} test queries those whose right text is nearer than their wrong one. The marks are the "
        "95 % interval."
    )
    figures = [
        (shown("mrr", model["mrr"]), f"mean reciprocal rank; the baseline's is {shown('mrr', baseline['mrr'])}"),
        (f"{100 * model['recall_at_1']:.1f} %", f"found first among {found.texts:,} texts"),
        (f"{100 * model['recall_at_10']:.1f} %", "among the first ten"),
        (minutes(seconds), "of training"),
    ]
    return [section("The right text is nearer", words, versus(lines)) + paper.tiles(figures)]


def closing(found: Ranks) -> list[str]:
    """What is looked up."""
    rows = "".join(f"<tr><td>row {one.row:,}</td><td>{one.rank:,}</td></tr>" for one in found.worst)
    worst = table(("row", "rank of the right text"), rows) if rows else ""
    return [
        section(
            "How deep one has to look", f"Among {found.texts:,} texts of the test split.", plots.depth(found.ranks)
        ),
        section("Farthest behind", _FARTHEST if rows else "Every query found its text first.", worst),
    ]


_FARTHEST = "Test rows by their number in the source. Often another text answers the query as well."
