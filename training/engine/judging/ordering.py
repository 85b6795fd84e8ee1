"""Whether rows of a class come before all others, as one number: ROC AUC and average precision as metrics of a task.

One class against the rest, the mean over the classes; of the positive label alone, where the task has one. Quick enough
to be taken on a thousand resamples: the order of the rows stays the same, only how often each counts does not.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.task import TaskSpec
from training.engine.judging.said import Drawn

METRICS = ("roc_auc", "average_precision")


@dataclass(frozen=True, kw_only=True)
class _Order:
    """`rows`: from the most probable; `really`: which of these are of the class; `ends`: the last of equally probable
    ones."""

    rows: NDArray[np.int64]
    really: NDArray[np.bool_]
    ends: NDArray[np.int64]


def measure(
    task: TaskSpec, metric: str, shares: NDArray[np.float64], truth: NDArray[np.int64]
) -> Callable[[Drawn], float]:
    """The metric on rows that were drawn. `shares`: [rows, classes] probabilities; `truth`: [rows] class indices.

    A class without rows, or with all of them, has none; where that is so of all, chance is answered.
    """
    positive = task.decision.positive_label
    asked = range(len(task.labels)) if positive is None else (task.labels.index(positive),)
    orders = [_order(shares[:, label], truth == label) for label in asked]
    one = _roc_auc if metric == "roc_auc" else _average_precision

    def value(drawn: Drawn) -> float:
        counts = np.bincount(drawn, minlength=len(truth))
        found = [each for order in orders if (each := _of(order, counts, one)) is not None]
        return float(np.mean(found)) if found else 0.5

    return value


def roc_auc(share: NDArray[np.float64], really: NDArray[np.bool_]) -> Callable[[NDArray[np.int64]], float]:
    """Of rows that count as often as is said, [rows]; 0.5 where those that count are all alike. `share`: the higher,
    the more probable."""
    order = _order(share, really)

    def value(counts: NDArray[np.int64]) -> float:
        found = _of(order, counts, _roc_auc)
        return 0.5 if found is None else found

    return value


def _order(share: NDArray[np.float64], really: NDArray[np.bool_]) -> _Order:
    rows = np.argsort(-share, kind="stable")
    ends = np.flatnonzero(np.append(np.diff(share[rows]) != 0, True))
    return _Order(rows=rows, really=really[rows], ends=ends)


def _of(
    order: _Order,
    counts: NDArray[np.int64],
    one: Callable[[NDArray[np.int64], NDArray[np.int64]], float],
) -> float | None:
    here = counts[order.rows]
    right = (here * order.really).cumsum()[order.ends]
    wrong = here.cumsum()[order.ends] - right
    return one(right, wrong) if right[-1] and wrong[-1] else None


def _roc_auc(right: NDArray[np.int64], wrong: NDArray[np.int64]) -> float:
    """Rows of the class and others, counted from the most probable. The area in trapezia: equal ones count half."""
    heights = right + np.append(0, right[:-1])
    return float((np.diff(wrong, prepend=0) * heights).sum() / (2 * right[-1] * wrong[-1]))


def _average_precision(right: NDArray[np.int64], wrong: NDArray[np.int64]) -> float:
    precision = right / np.maximum(1, right + wrong)
    return float((np.diff(right, prepend=0) * precision).sum() / right[-1])
