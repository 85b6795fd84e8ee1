"""How far macro F1 might move with other test rows: the bootstrap (Efron 1979), for one model and for two on the same.

For accuracy there are closed forms, `metrics.interval` and `metrics.chance_of`; an average of ratios has none.
"""

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1_000  # the bounds then move by a few hundredths of their width
SEED = 0  # the same answers give the same report

Samples = NDArray[np.float64]  # [RESAMPLES], macro F1


def macro_f1(truth: NDArray[np.int64], answers: list[NDArray[np.int64]], *, classes: int) -> list[Samples]:
    """For each model's answers ([rows] class indices) its macro F1 on resampled rows, the same rows for every model."""
    random, rows = np.random.default_rng(SEED), len(truth)
    found = [np.empty(RESAMPLES) for _ in answers]
    for index in range(RESAMPLES):
        drawn = random.integers(0, rows, rows)
        really = truth[drawn]
        support = np.bincount(really, minlength=classes)
        for samples, each in zip(found, answers, strict=True):
            said = each[drawn]
            hits = np.bincount(really[said == really], minlength=classes)
            both = support + np.bincount(said, minlength=classes)
            samples[index] = (2 * hits / np.maximum(1, both)).mean()
    return found


def interval(samples: Samples) -> tuple[float, float]:
    """The middle 95 % of the samples."""
    low, high = np.quantile(samples, (0.025, 0.975))
    return float(low), float(high)


def chance_of(ours: Samples, theirs: Samples) -> float:
    """How likely two equally good models differ at least so: the two-sided paired bootstrap (Efron & Tibshirani 1993).

    Counted from one, as no finite number of resamples makes a difference certain.
    """
    against = min(int((ours <= theirs).sum()), int((ours >= theirs).sum()))
    return min(1.0, 2 * (against + 1) / (len(ours) + 1))
