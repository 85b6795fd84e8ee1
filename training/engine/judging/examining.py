"""Where a classifier's answers can be relied on and where not: by its own confidence, and row by row.

Rows are named by their number in the customer's source. Their texts stay in the data set, where they can be erased.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = 20  # of the abstention curve
MISTAKES = 20  # listed


@dataclass(frozen=True, kw_only=True)
class Abstention:
    """Answering only with at least this confidence: the share of rows still answered, and of these the right ones."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """A wrong answer and how sure the model was of it."""

    row: int
    true: str
    answered: str
    confidence: float


def abstention(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> tuple[Abstention, ...]:
    """From every row down to the surest twentieth. Rows as sure as the last one answered are answered, too."""
    surest_first = np.sort(confidence)[::-1]
    counts = [round(len(right) * (POINTS - point) / POINTS) for point in range(POINTS)]
    limits = dict.fromkeys(float(surest_first[max(1, count) - 1]) for count in counts)
    found = []
    for limit in limits:
        answered = confidence >= limit
        accuracy, coverage = float(right[answered].mean()), float(answered.mean())
        found.append(Abstention(confidence=limit, coverage=coverage, accuracy=accuracy))
    return tuple(found)


def surest_mistakes(
    shares: NDArray[np.float64], truth: NDArray[np.int64], numbers: list[int], labels: tuple[str, ...]
) -> tuple[Mistake, ...]:
    """`shares`: [rows, classes] probabilities; `numbers`: the rows' numbers in the source."""
    answers, confidence = shares.argmax(1), shares.max(1)
    wrong = np.flatnonzero(answers != truth)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:MISTAKES]
    return tuple(
        Mistake(
            row=numbers[index],
            true=labels[truth[index]],
            answered=labels[answers[index]],
            confidence=float(confidence[index]),
        )
        for index in worst.tolist()
    )
