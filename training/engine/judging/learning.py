"""Whether more rows would help: what the baseline reaches on shares of the training rows, and where a power law through
these points leads (Cortes et al. 1993; Hestness et al. 2017, arXiv:1712.00409).

It is the baseline that learns here, as it takes seconds; the fine-tuned model would take hours. Nothing is foretold
where the points follow no such law.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.task import LABEL, LOWER_IS_BETTER, Form
from training.engine.data.reading import Rows
from training.engine.judging import resampling
from training.engine.judging.compared import Interval
from training.engine.judging.said import Said

HALVINGS = (4, 3, 2, 1, 0)  # of the training rows, each point twice as many as the one before
FEWEST, MOST = 50, 20_000  # training rows: of a point; of all, as more take minutes
STARTS = (0, 1, 2)  # points that a law is fitted from on
EXPONENTS = np.linspace(0.05, 1.5, 30)
NEAR = 0.1  # of what is learnt from the first point to the last: so far may the points lie beside their law

Learner = Callable[[list[int]], Said]  # what a baseline that learnt only these training rows says to the test rows
Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Point:
    """The metric after so many training rows; `interval`: 95 %, for other test rows."""

    rows: int
    value: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Forecast:
    """`gain`: of `rows` more; in the metric's own unit, above zero where it becomes better. `value`: reached then."""

    rows: int
    gain: float
    interval: Interval
    value: float


@dataclass(frozen=True, kw_only=True)
class Learning:
    """`name`: of the baseline; `curve`: of the law, rows and metric; `forecast`: None where the points follow none."""

    metric: str
    name: str
    points: tuple[Point, ...]
    curve: tuple[tuple[float, float], ...]
    forecast: Forecast | None


def examine(train: Rows, form: Form, learnt: Learner, name: str, *, seed: int) -> Learning | None:
    """None where there are too few rows for a curve, or so many that it would take minutes."""
    sizes = [len(train) >> halving for halving in HALVINGS]
    if sizes[0] < FEWEST or sizes[-1] > MOST:
        return None
    order = _order(train, form, seed)
    said = [learnt(sorted(order[:size])) for size in sizes]
    metric, everything = said[0].whole.metric, np.arange(said[0].rows)
    values = np.array([one.whole.value(everything) for one in said])
    drawn = np.stack(resampling.samples(said[0].rows, *(one.whole.value for one in said)))  # [points, resamples]
    points = tuple(
        Point(rows=size, value=float(value), interval=resampling.interval(samples))
        for size, value, samples in zip(sizes, values, drawn, strict=True)
    )
    curve, forecast = _foretold(metric, sizes, values, drawn)
    return Learning(metric=metric, name=name, points=points, curve=curve, forecast=forecast)


def _order(train: Rows, form: Form, seed: int) -> list[int]:
    """At random, one row of each class before all others: no share may lack a class."""
    order = np.random.default_rng(seed).permutation(len(train))
    for label in form.of(LABEL):
        first = train.frame[label].gather(pl.Series(order)).is_first_distinct().to_numpy()
        order = np.concatenate([order[first], order[~first]])
    return [int(place) for place in order]


def _foretold(
    metric: str, sizes: Sequence[int], values: Values, drawn: Values
) -> tuple[tuple[tuple[float, float], ...], Forecast | None]:
    """The law's curve up to twice the rows, and what these would bring. Few rows learn by another law than many, so
    that it is fitted from each of the first points on; the middle one counts, and all of them widen the interval."""
    rows, errors, missed = np.array(sizes, dtype=np.float64), _errors(metric, values), _errors(metric, drawn)
    whole = _law(rows, errors[:, None])
    beside = np.sqrt(((_at(whole, rows)[:, 0] - errors) ** 2).mean())
    if errors[0] <= errors[-1] or beside > NEAR * (errors[0] - errors[-1]):
        return (), None
    twice = 2 * rows[-1:]
    laws = [_law(rows[start:], errors[start:, None]) for start in STARTS]
    ends = [float(_at(law, twice)[0, 0]) for law in laws]
    middle = int(np.argsort(ends)[len(ends) // 2])
    gains = [missed[-1] - _at(_law(rows[start:], missed[start:]), twice)[0] for start in STARTS]
    forecast = Forecast(
        rows=sizes[-1],
        gain=float(errors[-1]) - ends[middle],
        interval=resampling.interval(np.concatenate(gains)),
        value=float(_errors(metric, np.array(ends[middle]))),
    )
    along = np.geomspace(rows[STARTS[middle]], twice[0], 40)
    curve = zip(along.tolist(), _errors(metric, _at(laws[middle], along)[:, 0]).tolist(), strict=True)
    return tuple(curve), forecast


def _errors(metric: str, values: Values) -> Values:
    """The less the better; and back again."""
    return values if metric in LOWER_IS_BETTER else 1 - values


def _law(rows: Values, errors: Values) -> tuple[Values, Values, Values]:
    """floor + scale * rows ** -exponent by least squares, for each column of `errors`, [points, columns]."""
    best = np.full((4, errors.shape[1]), np.inf)
    for exponent in EXPONENTS:
        x = rows**-exponent
        apart = x - x.mean()
        scale = np.maximum(0, apart @ (errors - errors.mean(0)) / (apart @ apart))
        floor = errors.mean(0) - scale * x.mean()
        scale, floor = np.where(floor < 0, x @ errors / (x @ x), scale), np.maximum(0, floor)
        missed = ((floor + np.outer(x, scale) - errors) ** 2).sum(0)
        found = np.stack([missed, floor, scale, np.full_like(floor, exponent)])
        best = np.where(missed < best[0], found, best)
    return best[1], best[2], best[3]


def _at(law: tuple[Values, Values, Values], rows: Values) -> Values:
    """[rows, columns] errors."""
    floor, scale, exponent = law
    return np.asarray(floor + scale * rows[:, None] ** -exponent)
