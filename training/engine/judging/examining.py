"""Where a classifier's answers can be relied on and where not: by its own confidence, by length of text, row by row.

Rows are named by their number in the customer's source. Their texts stay in the data set, where they can be erased.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.engine.judging.metrics import interval

POINTS = 20  # of the abstention curve
MISTAKES = 20  # listed
PARTS = 4  # by length: quarters of the rows


@dataclass(frozen=True, kw_only=True)
class Abstention:
    """Answering only with at least this confidence: the share of rows still answered, and of these the right ones."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Texts of `shortest` to `longest` tokens. `interval`: of `accuracy`, 95 %."""

    shortest: int
    longest: int
    rows: int
    accuracy: float
    interval: tuple[float, float]
    baseline: float


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


def by_length(lengths: NDArray[np.int64], right: NDArray[np.bool_], plain: NDArray[np.bool_]) -> tuple[Slice, ...]:
    """Quarters of the rows, shortest texts first; fewer where many are equally long. `plain`: the baseline's hits."""
    edges = np.unique(np.quantile(lengths, np.linspace(0, 1, PARTS + 1), method="higher"))
    found, above = [], -1
    for edge in edges[1:] if len(edges) > 1 else edges:
        inside = (lengths > above) & (lengths <= edge)
        above, rows, accuracy = int(edge), int(inside.sum()), float(right[inside].mean())
        found.append(
            Slice(
                shortest=int(lengths[inside].min()),
                longest=int(lengths[inside].max()),
                rows=rows,
                accuracy=accuracy,
                interval=interval(accuracy, rows),
                baseline=float(plain[inside].mean()),
            )
        )
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
