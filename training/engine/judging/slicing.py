"""Where a model is weaker than elsewhere: its metric on rows that have something in common, against all other rows.

A slice of the rows is called weaker where rows as good as the others would hardly do so badly by chance, however many
slices are looked at (Holm 1979). Shares are told apart by Fisher's exact test, other metrics by the bootstrap's spread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import erfc, sqrt
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from contracts.task import LOWER_IS_BETTER
from training.engine.data.groups import Group
from training.engine.judging import metrics
from training.engine.judging.compared import CERTAIN, Interval
from training.engine.judging.said import Drawn, Measure, Said

DRAWS = 200  # of each side: the spread then is known to a twentieth
SEED = 0  # the same answers give the same report


@runtime_checkable
class Parted(Protocol):
    """A `Detail` whose rows can be looked at in parts: what model and baseline say to every test row."""

    @property
    def said(self) -> tuple[Said, Said]: ...


@dataclass(frozen=True, kw_only=True)
class Slice:
    """`model`, `baseline`: the metric on these rows; `others`: the model's on all others; `chance`: how likely rows
    like the others do so badly, corrected for the number of slices."""

    by: str
    value: str
    rows: int
    model: float
    interval: Interval
    baseline: float
    others: float
    chance: float

    @property
    def weaker(self) -> bool:
        return self.chance < CERTAIN


@dataclass(frozen=True, kw_only=True)
class Slices:
    metric: str
    slices: tuple[Slice, ...]

    @property
    def weaker(self) -> tuple[Slice, ...]:
        """The surest first."""
        return tuple(sorted((one for one in self.slices if one.weaker), key=lambda one: one.chance))


def examine(groups: Sequence[Group], said: tuple[Said, Said]) -> Slices:
    """`said`: by the model and by the baseline."""
    ours, theirs = said[0].parts, said[1].parts
    found = [_seen(group, said[0].rows, ours) for group in groups]
    chances = _corrected([chance for *_, chance in found])
    return Slices(
        metric=ours.metric,
        slices=tuple(
            Slice(
                by=group.by,
                value=group.value,
                rows=len(group.places),
                model=ours.value(group.places),
                interval=interval,
                baseline=theirs.value(group.places),
                others=others,
                chance=chance,
            )
            for group, (interval, others, _), chance in zip(groups, found, chances, strict=True)
        ),
    )


def _seen(group: Group, rows: int, measure: Measure) -> tuple[Interval, float, float]:
    """The interval within the group, the metric outside of it, and how likely that is so much better by chance."""
    outside = np.setdiff1d(np.arange(rows), group.places)
    if not len(outside):
        return _interval(measure, group.places), measure.value(group.places), 1.0
    others = measure.value(outside)
    if measure.right is not None:
        return _interval(measure, group.places), others, _fisher(measure.right[group.places], measure.right[outside])
    inside = _drawn(measure.value, group.places)
    spread = float(np.hypot(inside.std(), _drawn(measure.value, outside).std()))
    worse = (others - measure.value(group.places)) * (-1 if measure.metric in LOWER_IS_BETTER else 1)
    chance = erfc(worse / (spread * sqrt(2))) / 2 if spread > 0 else 1.0
    return _quantiles(inside), others, chance


def _interval(measure: Measure, places: Drawn) -> Interval:
    if measure.right is not None:
        return metrics.interval(measure.value(places), len(places))
    return _quantiles(_drawn(measure.value, places))


def _quantiles(values: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def _drawn(value: Callable[[Drawn], float], places: Drawn) -> NDArray[np.float64]:
    random = np.random.default_rng(SEED)
    return np.array([value(random.choice(places, len(places))) for _ in range(DRAWS)])


def _fisher(inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> float:
    """How likely so few of the right rows lie inside, whichever rows these are (Fisher's exact test, one-sided)."""
    from scipy.stats import hypergeom  # type: ignore[import-untyped]  # a second that a refused job need not wait

    right = int(inside.sum() + outside.sum())
    return float(hypergeom.cdf(int(inside.sum()), len(inside) + len(outside), right, len(inside)))


def _corrected(chances: Sequence[float]) -> list[float]:
    """By Holm: the smallest times all, the next times one less, and none below one before it."""
    found, most = [1.0] * len(chances), 0.0
    for place, at in enumerate(np.argsort(chances, kind="stable").tolist()):
        most = max(most, min(1.0, chances[at] * (len(chances) - place)))
        found[at] = most
    return found
