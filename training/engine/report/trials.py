"""The sections about a search: how it went, which parameters mattered, which settings were tried."""

import math
from collections import Counter
from html import escape

from contracts.search import Range, Tried, Value
from training.engine.judging.compared import IN_PERCENT, shown, spelt
from training.engine.report import plots
from training.engine.report.pieces import OPEN, bar, minutes, table
from training.engine.report.plots import Scale
from training.engine.search.explored import FEWEST, Explored
from training.paper import section


def sections(found: Explored) -> list[str]:
    tried = [one for one in found.searched.trials if one.value is not None]
    if not tried:
        return [section("The search", f"{_counted(found)} {_chosen(found)}", "")]
    times, unit = (100, ", %") if found.metric in IN_PERCENT else (1, "")
    points = [(one.number, times * (one.value or 0.0), one.state == "completed") for one in tried]
    history = plots.trials(
        points, f"Validation {spelt(found.metric)}{unit}", chosen=found.searched.chosen, rising=found.rising
    )
    return [
        section("The search", f"{_counted(found)} {_chosen(found)} {_FLATTERED}", history),
        section("What mattered", *_importances(found)),
        section("Settings tried", _LINES, plots.parallel(*_lines(found, tried)) + _table(found)),
    ]


def _counted(found: Explored) -> str:
    counts = Counter(_state(one) for one in found.searched.trials)
    parts = [f"{count} {state}" for state, count in counts.items()]
    return f"{len(found.searched.trials)} trials: {', '.join(parts)}."


def _chosen(found: Explored) -> str:
    best, first = found.trial(found.searched.chosen), found.trial(1)
    if best is None or best.value is None:
        return "None had ended, so the model has the settings that it would have had without a search."
    told = f"Trial {best.number} was the best on validation, with {shown(found.metric, best.value)}"
    if first and first.value is not None and best is not first and found.searched.search.strategy != "grid":
        told += f"; the first, with what would have been taken without a search, had {shown(found.metric, first.value)}"
    return f"{told}. With its settings the model was trained."


def _importances(found: Explored) -> tuple[str, str]:
    if found.importances is None:
        return f"This is told of {FEWEST} completed trials or more that differ.", ""
    most = max(found.importances.values())
    rows = "".join(
        f'<tr><td>{_spaced(name)}</td><td class="drawn">{bar(share / most, "", "")}</td>'
        f"<td>{100 * share:.0f} %</td></tr>"
        for name, share in sorted(found.importances.items(), key=lambda one: -one[1])
    )
    return _SHARES, table(("parameter", "", "share"), rows)


def _lines(found: Explored, tried: list[Tried]) -> tuple[list[Scale], list[tuple[list[float | None], float, bool]]]:
    """A scale a parameter and one for the metric; a line a trial: its places, how good it is from 0 to 1, whether it
    was chosen. The better ones are drawn last."""
    space = found.searched.search.space
    values = [one.value or 0.0 for one in tried]
    low, high = min(values), max(values)
    scales: list[Scale] = [(_spaced(name), _ticks(one)) for name, one in space.items()]
    scales.append((spelt(found.metric), [(0.0, shown(found.metric, low)), (1.0, shown(found.metric, high))]))
    lines = []
    for one, value in zip(tried, values, strict=True):
        share = (value - low) / (high - low) if high > low else 1.0
        places = [_place(space[name], one.parameters.get(name)) for name in space]
        good = share if found.rising else 1 - share
        lines.append(([*places, share], good, one.number == found.searched.chosen))
    return scales, sorted(lines, key=lambda line: (line[2], line[1]))


def _ticks(one: Range | tuple[Value, ...]) -> list[tuple[float, str]]:
    if isinstance(one, Range):
        return [(0.0, f"{one.low:g}"), (1.0, f"{one.high:g}")]
    return [(index / max(1, len(one) - 1), _value(value)) for index, value in enumerate(one)]


def _place(one: Range | tuple[Value, ...], value: Value | None) -> float | None:
    """From 0 to 1; None where the parameter played no part, or lies outside."""
    if value is None:
        return None
    if not isinstance(one, Range):
        return one.index(value) / max(1, len(one) - 1) if value in one else None
    at, low, high = (math.log(float(x)) if one.log else float(x) for x in (value, one.low, one.high))
    return (at - low) / (high - low)


def _table(found: Explored) -> str:
    names = list(found.searched.search.space)
    heads = ("trial", *map(_spaced, names), spelt(found.metric), "epochs", "time", "")
    rows = [_row(found, one, names) for one in found.ranked]
    if len(rows) <= OPEN:
        return table(heads, "".join(rows))
    rest = f"<summary>The other {len(rows) - OPEN}</summary>{table(heads, ''.join(rows[OPEN:]))}"
    return f"{table(heads, ''.join(rows[:OPEN]))}<details>{rest}</details>"


def _row(found: Explored, one: Tried, names: list[str]) -> str:
    cells = [_value(one.parameters[name]) if name in one.parameters else "" for name in names]
    cells.append(shown(found.metric, one.value) if one.value is not None else "")
    cells.append(str(len(one.values) or ""))
    cells.append(minutes(one.seconds) if one.seconds is not None else "")
    cells.append("chosen" if one.number == found.searched.chosen else _state(one))
    return f"<tr><td>{one.number}</td>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _state(one: Tried) -> str:
    """One that was still under way when the search was stopped is cut off, too."""
    return {"completed": "completed", "pruned": "given up", "failed": "failed"}.get(one.state, "cut off")


def _value(value: Value) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


_FLATTERED = (
    "The best of many trials on one validation split looks a little better than it is; what the test split says does "
    "not: it was seen once, by the model at the end."
)
_SHARES = (
    "How much each parameter sets the best quarter of the trials apart from all of them (PED-ANOVA). Where a share is "
    "small, any value of the space will do."
)
_LINES = "A line a trial, from parameter to parameter; the darker, the better. The one that was chosen is red."
