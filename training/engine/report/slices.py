"""The section on where a model of any kind is weaker. Every customer's word is escaped."""

from training.engine.judging.compared import shown, spelt
from training.engine.judging.slicing import Slice, Slices
from training.engine.report import plots
from training.engine.report.pieces import table
from training.engine.report.plots import Span
from training.paper import name, section

NAMED = 5  # slices in the sentence

_LOOKED = (
    "The {metric} of test rows that have something in common, with its 95 % interval. Called weaker is what rows as "
    "good as the others would hardly do by chance, however many lines there are (Holm)."
)


def weaker(found: Slices | None) -> list[str]:
    """Nothing where nothing parts the rows."""
    if found is None or not found.slices:
        return []
    words = f"{_named(found)} {_LOOKED.format(metric=spelt(found.metric))}"
    rows = "".join(_row(found.metric, one) for one in found.slices)
    heads = ("rows with", "rows", spelt(found.metric), "95 % interval", "all others", "baseline", "")
    drawn = plots.spans([_span(one) for one in found.slices], metric=found.metric)
    body = f"{drawn}<details><summary>The figures</summary>{table(heads, rows)}</details>"
    return [section("Where it is weaker", words, body)]


def _named(found: Slices) -> str:
    weak = found.weaker
    if not weak:
        return "Nowhere is it shown to be weaker than elsewhere."
    named = ", ".join(
        f"{one.by} {one.value} ({shown(found.metric, one.model)} against {shown(found.metric, one.others)})"
        for one in weak[:NAMED]
    )
    more = f" and {len(weak) - NAMED} more" if len(weak) > NAMED else ""
    return f"Weaker than on all other rows: {named}{more}."


def _span(one: Slice) -> Span:
    label = f"{one.by}: {one.value}"
    return Span(label=label, rows=one.rows, value=one.model, interval=one.interval, sign=-1 if one.weaker else 1)


def _row(metric: str, one: Slice) -> str:
    figures = "".join(f"<td>{shown(metric, value)}</td>" for value in (one.others, one.baseline))
    return (
        f"<tr><td>{name(one.by)}: {name(one.value)}</td><td>{one.rows:,}</td><td>{shown(metric, one.model)}</td>"
        f"<td>{' – '.join(shown(metric, bound) for bound in one.interval)}</td>{figures}"
        f"<td>{'weaker' if one.weaker else ''}</td></tr>"
    )
