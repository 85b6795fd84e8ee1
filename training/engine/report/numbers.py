"""The sections about answers that are a number a row."""

from training import paper
from training.engine.judging.compared import shown, spelt
from training.engine.judging.numbers import Numbers
from training.engine.report import importance, plots
from training.engine.report.pieces import minutes, table
from training.paper import section

METRICS = ("rmse", "mae", "r2", "spearman", "pearson")


def opening(found: Numbers, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    low, high = (shown(compared.metric, bound) for bound in compared.intervals[0])
    words = (
        f"On {compared.rows:,} test rows, in the target's own unit. With other rows the model's "
        f"{spelt(compared.metric)} would lie between {low} and {high} (95 %)."
    )
    judged = (found.model, found.baseline, found.constant)
    rows = "".join(
        f"<tr><td>{spelt(metric)}</td>{''.join(f'<td>{shown(metric, one.value(metric))}</td>' for one in judged)}</tr>"
        for metric in METRICS
    )
    figures = [
        (shown(compared.metric, compared.model), spelt(compared.metric)),
        (shown("mae", found.model.mae), "off in the mean"),
        (minutes(seconds), "of training"),
    ]
    names = ("", "the model", compared.name, "always the mean")
    return [section("How near the answers are", words, table(names, rows)) + paper.tiles(figures)]


def closing(found: Numbers) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.true:.4g}</td><td>{one.answered:.4g}</td></tr>" for one in found.misses
    )
    points = f"{len(found.points):,} test rows." if len(found.points) == found.compared.rows else (
        f"The first {len(found.points):,} test rows."
    )  # fmt: skip
    return [
        section("Answered against true", points, plots.nearness(found.points)),
        *importance.worth(found.importance, found.compared.metric),
        section("Farthest off", _FARTHEST, table(("row", "true", "answered"), rows)),
    ]


_FARTHEST = "Test rows by their number in the source. Look at these first: often it is the number there that is wrong."
