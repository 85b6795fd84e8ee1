"""Whether a probability means what it says: of all answers given with 80 %, are 80 % right? (Guo et al. 2017,
arXiv:1706.04599)

The temperature is fitted on the validation split and judged on the test split.
"""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

BINS = 15  # of equal width, as in the paper
COLDEST, HOTTEST = 0.05, 20.0  # temperatures looked at: beyond them every answer is certain, or every class alike
HALVINGS = 40


@dataclass(frozen=True, kw_only=True)
class Bin:
    """`confidence`: the mean probability of the answers in it; `accuracy`: the share of them that is right."""

    confidence: float
    accuracy: float
    rows: int


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """`error`: expected calibration error of the probabilities as they are, `scaled_error`: of the logits divided by
    `temperature`. `bins`: of the probabilities as they are, empty ones left out."""

    temperature: float
    error: float
    scaled_error: float
    bins: tuple[Bin, ...]


def judge(
    test: tuple[NDArray[np.float64], NDArray[np.int64]], validation: tuple[NDArray[np.float64], NDArray[np.int64]]
) -> Calibration:
    """Of each split its logits, [rows, classes], and class indices, [rows]."""
    logits, truth = test
    temperature = fitted(*validation)
    bins = _bins(probabilities(logits), truth)
    return Calibration(
        temperature=temperature,
        error=_error(bins),
        scaled_error=_error(_bins(probabilities(logits / temperature), truth)),
        bins=bins,
    )


def fitted(logits: NDArray[np.float64], truth: NDArray[np.int64]) -> float:
    """The temperature with the smallest cross-entropy; 1 where no answer is wrong, which no temperature can improve on
    without end.

    Cross-entropy is convex in the inverse temperature: its slope, mean logit expected minus mean logit of the truth,
    is followed to where it changes its sign.
    """
    if (logits.argmax(1) == truth).all():
        return 1.0
    right = logits[np.arange(len(truth)), truth].mean()
    low, high = np.log(1 / HOTTEST), np.log(1 / COLDEST)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        expected = (probabilities(logits * np.exp(middle)) * logits).sum(1).mean()
        low, high = (low, middle) if expected > right else (middle, high)
    return float(np.exp(-(low + high) / 2))


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """[rows, classes], each row adding up to 1."""
    return np.asarray(torch.from_numpy(logits).softmax(1))


def _bins(shares: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[Bin, ...]:
    confidence, right = shares.max(1), shares.argmax(1) == truth
    places = np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
    inside = [places == place for place in range(BINS)]
    return tuple(
        Bin(confidence=float(confidence[rows].mean()), accuracy=float(right[rows].mean()), rows=int(rows.sum()))
        for rows in inside
        if rows.any()
    )


def _error(bins: tuple[Bin, ...]) -> float:
    """The mean distance between confidence and accuracy, every row counting alike."""
    return sum(one.rows * abs(one.confidence - one.accuracy) for one in bins) / sum(one.rows for one in bins)
