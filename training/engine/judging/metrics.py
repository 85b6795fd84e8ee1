"""Scores of a classifier from its confusion matrix, as scikit-learn defines them. Knows no model.

A class without predictions or without rows scores 0 there, and a macro average counts every class of the task.
"""

from dataclasses import dataclass
from math import exp, lgamma, log, sqrt

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class ClassScore:
    precision: float
    recall: float
    f1: float
    support: int  # rows of the class


@dataclass(frozen=True, kw_only=True)
class Average:
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, kw_only=True)
class Scores:
    """`confusion[t][p]`: rows of class t that were answered p, in the task's order of labels."""

    rows: int
    accuracy: float
    macro: Average
    micro: Average
    weighted: Average
    classes: tuple[ClassScore, ...]
    confusion: tuple[tuple[int, ...], ...]

    def value(self, metric: str) -> float:
        """The task's metric: "accuracy" or "macro_f1"."""
        return self.macro.f1 if metric == "macro_f1" else self.accuracy

    def values(self) -> dict[str, float]:
        return {"accuracy": self.accuracy, "macro_f1": self.macro.f1}


def scores(truth: NDArray[np.int64], predicted: NDArray[np.int64], *, classes: int) -> Scores:
    confusion = np.zeros((classes, classes), dtype=np.int64)
    np.add.at(confusion, (truth, predicted), 1)
    hits, support, answered = np.diag(confusion), confusion.sum(1), confusion.sum(0)
    precision, recall = _ratio(hits, answered), _ratio(hits, support)
    f1 = _ratio(2 * hits, support + answered)
    accuracy = float(hits.sum() / max(1, support.sum()))
    table = np.stack([precision, recall, f1], axis=1)  # (classes, 3)
    return Scores(
        rows=int(support.sum()),
        accuracy=accuracy,
        macro=_average(table.mean(0)),
        micro=Average(precision=accuracy, recall=accuracy, f1=accuracy),
        weighted=_average((table * support[:, None]).sum(0) / max(1, support.sum())),
        classes=tuple(
            ClassScore(precision=float(p), recall=float(r), f1=float(f), support=int(n))
            for (p, r, f), n in zip(table, support, strict=True)
        ),
        confusion=tuple(tuple(int(cell) for cell in row) for row in confusion),
    )


def interval(share: float, rows: int) -> tuple[float, float]:
    """Where the share of right answers lies, had the test split no end, with 95 % certainty (Wilson 1927)."""
    if rows == 0:
        return 0.0, 1.0
    z = 1.959964  # standard deviations that hold 95 % of a normal distribution
    centre, spread = share + z * z / (2 * rows), z * sqrt(share * (1 - share) / rows + (z / (2 * rows)) ** 2)
    return max(0.0, (centre - spread) / (1 + z * z / rows)), min(1.0, (centre + spread) / (1 + z * z / rows))


def chance_of(wins: int, losses: int) -> float:
    """How likely two equally good models differ at least so: `wins` rows only one has right, `losses` only the other.

    The exact two-sided McNemar test, a binomial with p = 1/2 (McNemar 1947).
    """
    rows, fewer = wins + losses, min(wins, losses)
    # in logarithms: with ten thousand such rows the integers alone would take a minute
    tail = (lgamma(rows + 1) - lgamma(count + 1) - lgamma(rows - count + 1) for count in range(fewer + 1))
    return min(1.0, sum(2 * exp(ways - rows * log(2)) for ways in tail))


def _ratio(above: NDArray[np.int64], below: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.divide(above, below, out=np.zeros(len(above)), where=below > 0)


def _average(values: NDArray[np.float64]) -> Average:
    return Average(precision=float(values[0]), recall=float(values[1]), f1=float(values[2]))
