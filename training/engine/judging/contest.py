"""Two models on the same rows: which is the better one, how sure that is, and where they disagree.

Shares of rows are compared by McNemar's exact test, every other metric by the paired bootstrap.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from contracts.task import LOWER_IS_BETTER
from training.engine.data.groups import Group
from training.engine.judging import metrics, resampling
from training.engine.judging.compared import CERTAIN, IN_PERCENT, Interval, shown, spelt
from training.engine.judging.said import Drawn, Measure, Said

Z = 1.959964 + 0.841621  # standard deviations: a difference shown at 5 %, found four times in five
MOST_ROWS = 10_000_000  # named as needed: beyond, nobody will label so many


@dataclass(frozen=True, kw_only=True)
class Gain:
    """By how much the first is the better one; below zero it is the worse one. In the metric's own unit."""

    value: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Part:
    """Rows that have something in common: `by` what, `value` which. `models`: the metric of each."""

    by: str
    value: str
    rows: int
    models: tuple[float, float]
    gain: Gain


@dataclass(frozen=True, kw_only=True)
class Contest:
    """`chance`: how likely two equally good ones differ at least so. `needed`: how many test rows would show a
    difference as large as here four times in five; None where it is shown, or where there is none. `counts`: rows that
    both have right, only the first, only the second, neither; None where an answer is more or less near. `partwise`:
    the metric of `parts`."""

    metric: str
    names: tuple[str, str]
    rows: int
    models: tuple[float, float]
    gain: Gain
    chance: float
    needed: int | None
    counts: tuple[int, int, int, int] | None
    partwise: str
    parts: tuple[Part, ...]

    @property
    def verdict(self) -> str:
        if self.chance >= CERTAIN or self.gain.value == 0:
            return "no difference shown"
        return "better" if self.gain.value > 0 else "worse"

    @property
    def sentence(self) -> str:
        (first, second), (ours, theirs) = self.names, (shown(self.metric, one) for one in self.models)
        figures = f"{ours} {spelt(self.metric)} against {theirs} on the same {self.rows:,} test rows"
        if self.verdict != "no difference shown":
            apart = between(self.metric, *sorted(map(abs, self.gain.interval)))
            return f"{first} is {self.verdict} than {second}: {figures}, {apart} {self.verdict} (95 %)."
        if self.gain.value == 0:
            return f"No difference between {first} and {second} is shown: {figures}."
        return f"No difference between {first} and {second} is shown: {figures} may be chance. {self._wanted}"

    @property
    def _wanted(self) -> str:
        if self.needed is None:
            return f"Not even {MOST_ROWS:,} test rows would show one as small as here."
        return f"About {self.needed:,} test rows would be needed to show one as large as here."


def compare(names: tuple[str, str], ours: Said, theirs: Said, groups: Sequence[Group]) -> Contest:
    """`ours`, `theirs`: what the two say to the same rows."""
    one, other, everything = ours.whole, theirs.whole, np.arange(ours.rows)
    drawn = resampling.samples(ours.rows, one.value, other.value)
    models = one.value(everything), other.value(everything)
    gain = _gain(one.metric, models, (drawn[0], drawn[1]))
    shown_already = (chance := _chance(one, other, (drawn[0], drawn[1]))) < CERTAIN
    return Contest(
        metric=one.metric,
        names=names,
        rows=ours.rows,
        models=models,
        gain=gain,
        chance=chance,
        needed=None if shown_already else _needed(ours.rows, gain.value, drawn[0] - drawn[1]),
        counts=_counts(one, other),
        partwise=ours.parts.metric,
        parts=tuple(_part(group, ours.parts, theirs.parts) for group in groups),
    )


def amount(metric: str, value: float) -> str:
    """Of a difference: points of a share, else the metric's own unit."""
    return f"{100 * value:.1f} points" if metric in IN_PERCENT else shown(metric, value)


def between(metric: str, low: float, high: float) -> str:
    if metric in IN_PERCENT:
        return f"{100 * low:.1f} to {100 * high:.1f} points"
    return f"{shown(metric, low)} to {shown(metric, high)}"


def _part(group: Group, ours: Measure, theirs: Measure) -> Part:
    def on(measure: Measure) -> Callable[[Drawn], float]:
        return lambda drawn: measure.value(group.places[drawn])

    models = ours.value(group.places), theirs.value(group.places)
    drawn = resampling.samples(len(group.places), on(ours), on(theirs))
    gain = _gain(ours.metric, models, (drawn[0], drawn[1]))
    return Part(by=group.by, value=group.value, rows=len(group.places), models=models, gain=gain)


def _gain(metric: str, models: tuple[float, float], drawn: tuple[NDArray[np.float64], NDArray[np.float64]]) -> Gain:
    sign = -1.0 if metric in LOWER_IS_BETTER else 1.0
    return Gain(value=sign * (models[0] - models[1]), interval=resampling.interval(sign * (drawn[0] - drawn[1])))


def _chance(one: Measure, other: Measure, drawn: tuple[NDArray[np.float64], NDArray[np.float64]]) -> float:
    counts = _counts(one, other)
    return resampling.chance_of(*drawn) if counts is None else metrics.chance_of(counts[1], counts[2])


def _counts(one: Measure, other: Measure) -> tuple[int, int, int, int] | None:
    if one.right is None or other.right is None:
        return None
    sides = ((one.right, other.right), (one.right, ~other.right), (~one.right, other.right), (~one.right, ~other.right))
    both, first, second, neither = (int((left & right).sum()) for left, right in sides)
    return both, first, second, neither


def _needed(rows: int, gain: float, differences: NDArray[np.float64]) -> int | None:
    """The spread of a difference shrinks with the root of the rows."""
    if gain == 0:
        return None
    found = ceil(rows * (Z * float(differences.std()) / gain) ** 2)
    return found if found <= MOST_ROWS else None
