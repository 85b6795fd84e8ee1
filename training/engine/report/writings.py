"""The sections about answers that are written. No text of a row: an erasure from the data stays one."""

from html import escape

from training import paper
from training.engine.judging.compared import shown, spelt
from training.engine.judging.writings import Writings
from training.engine.report import plots
from training.engine.report.pieces import figure, minutes, table
from training.paper import section

METRICS = ("bleu", "chrf", "rouge_l", "perplexity")


def opening(found: Writings, *, seconds: float) -> list[str]:
    """What is read first. `seconds`: of training."""
    compared = found.compared
    words = (
        f"Perplexity is of all {found.test_rows:,} test rows' right texts, the lower the better. For the others the "
        f"model wrote to {_which(found)}, each time the likeliest token, up to {found.most:,} of them. In brackets "
        "the 95 % interval."
    )
    rows = "".join(figure(found.figures[metric], found.constant.get(metric)) for metric in METRICS)
    figures = [
        (shown(compared.metric, compared.model), spelt(compared.metric)),
        (shown(compared.metric, compared.baseline), f"{spelt(compared.metric)} of the {escape(compared.name)}"),
        (minutes(seconds), "of training"),
    ]
    names = ("", "the model", "without fine-tuning", "", "always the commonest")
    return [section("How near the answers are", words, table(names, rows, texts=(3,))) + paper.tiles(figures)]


def closing(found: Writings) -> list[str]:
    """What is looked up."""
    rows = "".join(
        f"<tr><td>row {one.row:,}</td><td>{shown('rouge_l', one.rouge_l)}</td><td>{one.true:,}</td>"
        f"<td>{one.answered:,}</td></tr>"
        for one in found.worst
    )
    ends = f"Cut off before their end: {found.unfinished:,}." if found.unfinished else "All ended by themselves."
    heads = ("test row", "ROUGE-L", "true words", "answered words")
    return [
        section("How long the answers are", f"In words, of {_which(found)}. {ends}", plots.nearness(found.lengths)),
        section("Least alike", _LEAST, table(heads, rows)),
    ]


def _which(found: Writings) -> str:
    if found.written == found.test_rows:
        return f"all {found.written:,} test rows"
    return f"{found.written:,} of the {found.test_rows:,} test rows, drawn at random"


_LEAST = (
    "Test rows by their number in the source whose answer shares least with the right one. Often another answer is as "
    "good: look at them before you trust the figure."
)
