"""The section on what a table's columns are worth. Every customer's word is escaped."""

from training.engine.judging.compared import IN_PERCENT, shown, spelt
from training.engine.judging.importance import Importance
from training.engine.report.pieces import bar, folded
from training.paper import name, section

_WORTH = (
    "How much worse the {metric} of test rows becomes where a column's cells are those of other rows. Around zero: the "
    "model hardly looks at it, or another column says the same."
)


def worth(found: tuple[Importance, ...], metric: str) -> list[str]:
    """The columns that matter most; nothing where the rows have no columns."""
    if not found:
        return []
    most = max(1e-12, found[0].loss)
    rows = [
        f'<tr><td>{name(one.column)}</td><td class="drawn">{bar(max(0.0, one.loss) / most, "", "")}</td>'
        f"<td>{_lost(metric, one.loss)}</td></tr>"
        for one in found
    ]
    body = folded(("column", "", "worse by"), rows, "columns")
    return [section("What the columns are worth", _WORTH.format(metric=spelt(metric)), body)]


def _lost(metric: str, loss: float) -> str:
    return f"{100 * loss:.1f} points" if metric in IN_PERCENT else shown(metric, loss)
