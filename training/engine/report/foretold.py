"""The sections about texts that are foretold. No text of a row: an erasure from the data stays one."""

from html import escape

from training import paper
from training.engine.judging.compared import shown, spelt
from training.engine.judging.foretold import METRICS, Foretelling
from training.engine.report import plots
from training.engine.report.pieces import figure, minutes, table
from training.paper import section


def opening(found: Foretelling, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    weaker, other = next(iter(found.weaker.items()), ("", dict[str, float]()))
    rows = "".join(figure(found.figures[metric], other.get(metric)) for metric in METRICS)
    figures = [
        (shown(compared.metric, compared.model), spelt(compared.metric)),
        (shown(compared.metric, compared.baseline), f"{spelt(compared.metric)} of the {escape(compared.name)}"),
        (minutes(seconds), "of training"),
    ]
    words = (
        f"Of {found.asked:,} places in {compared.rows:,} test texts, the same for all. Perplexity: among how many "
        "equally likely tokens one would have to choose, the lower the better. Accuracy: how often the likeliest was "
        "right. In brackets the 95 % interval."
    )
    names = ("", "after", "before", "", escape(weaker))
    return [section("How well texts are foretold", words, table(names, rows, texts=(3,))) + paper.tiles(figures)]


def closing(found: Foretelling) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{one.after:.2f}</td><td>{one.before:.2f}</td></tr>" for one in found.worst
    )
    heads = ("test row", "nats a token", "before")
    drawn = plots.nearness(found.costs, names=("before", "after"))
    return [
        section("Row by row", "What a token of each test row costs, in nats.", drawn),
        section("Least expected", _LEAST, table(heads, rows)),
    ]


_LEAST = (
    "Test rows by their number in the source that surprise the model most: often another language, a table, a code, or "
    "a text that is about something else."
)
