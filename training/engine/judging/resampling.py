"""How far a metric might move with other test rows: the bootstrap (Efron 1979), for one model and for two on the same.

For accuracy there are closed forms, `metrics.interval` and `metrics.chance_of`; other metrics have none.
"""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from training.engine.judging import metrics
from training.engine.judging.compared import Compared
from training.engine.judging.said import Drawn

RESAMPLES = 1_000  # the bounds then move by a few hundredths of their width
SEED = 0  # the same answers give the same report

Samples = NDArray[np.float64]  # [RESAMPLES]


def compare(
    metric: str,
    baseline: str,
    rows: int,
    ours: Callable[[Drawn], float],
    theirs: Callable[[Drawn], float],
    *,
    share: bool = False,
) -> Compared:
    """`ours`, `theirs`: the metric on rows that were drawn; `baseline`: its name; `share`: whether the metric is one of
    the rows, whose interval is known without resampling, and wider than nothing where all are right."""
    drawn, everything = samples(rows, ours, theirs), np.arange(rows)
    figures = ours(everything), theirs(everything)
    return Compared(
        metric=metric,
        rows=rows,
        model=figures[0],
        baseline=figures[1],
        name=baseline,
        intervals=(
            (metrics.interval(figures[0], rows), metrics.interval(figures[1], rows))
            if share
            else (interval(drawn[0]), interval(drawn[1]))
        ),
        chance=chance_of(*drawn),
    )


def samples(rows: int, *judges: Callable[[Drawn], float]) -> list[Samples]:
    """What each judge makes of resampled rows, the same rows for every one of them."""
    found = [np.empty(RESAMPLES) for _ in judges]
    for index, drawn in enumerate(_drawn(rows)):
        for values, judge in zip(found, judges, strict=True):
            values[index] = judge(drawn)
    return found


def macro_f1(truth: NDArray[np.int64], answers: list[NDArray[np.int64]], *, classes: int) -> list[Samples]:
    """For each model's answers ([rows] class indices) its macro F1 on resampled rows, the same rows for every model."""
    return samples(len(truth), *(macro_f1_of(truth, each, classes=classes) for each in answers))


def macro_f1_of(truth: NDArray[np.int64], said: NDArray[np.int64], *, classes: int) -> Callable[[Drawn], float]:
    """`said`: [rows] class indices. Quick enough to be asked for a thousand times."""
    right = np.where(said == truth, truth, classes)

    def value(drawn: Drawn) -> float:
        hits = np.bincount(right[drawn], minlength=classes)[:classes]
        both = np.bincount(truth[drawn], minlength=classes) + np.bincount(said[drawn], minlength=classes)
        return float((2 * hits / np.maximum(1, both)).mean())

    return value


def interval(values: Samples) -> tuple[float, float]:
    """The middle 95 % of the samples."""
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)


def chance_of(ours: Samples, theirs: Samples) -> float:
    """How likely two equally good models differ at least so: the two-sided paired bootstrap (Efron & Tibshirani 1993).

    Counted from one, as no finite number of resamples makes a difference certain.
    """
    against = min(int((ours <= theirs).sum()), int((ours >= theirs).sum()))
    return min(1.0, 2 * (against + 1) / (len(ours) + 1))


def _drawn(rows: int) -> Iterator[Drawn]:
    random = np.random.default_rng(SEED)
    for _ in range(RESAMPLES):
        yield random.integers(0, rows, rows)
