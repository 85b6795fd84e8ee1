"""The section on whether more rows would help."""

from training.engine.judging.compared import shown, spelt
from training.engine.judging.contest import amount, between
from training.engine.judging.learning import Forecast, Learning
from training.engine.report import plots
from training.engine.report.pieces import table
from training.paper import section

_WHOSE = (
    "Drawn is the {name}, which learns in seconds: on a sixteenth, an eighth and so on of the training rows, judged on "
    "all test rows. The fine-tuned model has a curve of its own, which would take hours to draw."
)


def curve(found: Learning | None) -> list[str]:
    """Nothing where there were too few rows for a curve, or too many."""
    if found is None:
        return []
    rows = "".join(
        f"<tr><td>{one.rows:,}</td><td>{shown(found.metric, one.value)}</td>"
        f"<td>{' – '.join(shown(found.metric, bound) for bound in one.interval)}</td></tr>"
        for one in found.points
    )
    figures = table(("training rows", spelt(found.metric), "95 % interval"), rows)
    body = f"{plots.learning(found)}<details><summary>The figures</summary>{figures}</details>"
    words = f"{_foretold(found.metric, found.forecast)} {_WHOSE.format(name=found.name)}"
    return [section("Whether more rows would help", words, body)]


def _foretold(metric: str, forecast: Forecast | None) -> str:
    if forecast is None:
        return "The points follow no law that could be drawn further: nothing is foretold."
    low, high = forecast.interval
    if low <= 0:
        return f"That {forecast.rows:,} more rows would bring a gain is not shown."
    gain = f"about {amount(metric, forecast.gain)} of {spelt(metric)} ({between(metric, low, high)})"
    return f"About {forecast.rows:,} more rows would bring {gain}."
