"""What answers cost at every threshold of one label: where a cost is least on validation, and what that is on the test.

For tasks that say what a wrong answer costs, of two labels or with a positive one. The rule of `contracts.decision`
needs probabilities that mean what they say; a threshold that was looked for does not.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from contracts.decision import Decision, matrix
from training.engine.judging import resampling
from training.engine.judging.compared import Interval

POINTS = 100  # of the curves: more cannot be seen

Split = tuple[NDArray[np.float64], NDArray[np.int64]]  # probabilities [rows, labels], class indices [rows]


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """Costs are the mean over all rows, in the task's own unit, whatever the task abstains from. `chosen`: the
    probability from which `label` is answered at least cost on validation; `cost`, `interval`: of it on the test rows;
    `ruled`: there, of the label of least expected cost; `halved`: of answering from one half on. The curves are a cost
    for each of `points`."""

    label: str
    chosen: float
    cost: float
    interval: Interval
    ruled: float
    halved: float
    points: tuple[float, ...]
    validation: tuple[float, ...]
    test: tuple[float, ...]


def judge(decision: Decision, labels: tuple[str, ...], validation: Split, test: Split) -> Thresholds | None:
    """None where the task says no costs, or has several labels and none of them positive."""
    table = np.array(matrix(decision, labels))
    label = _asked(decision, labels, table)
    if label is None:
        return None
    points = np.unique(np.quantile(np.append(validation[0][:, label], (0.0, 1.0)), np.linspace(0, 1, POINTS)))
    on_validation, on_test = (
        np.array([_costs(table, label, split, point).mean() for point in points]) for split in (validation, test)
    )
    best = points[on_validation <= on_validation.min()]
    chosen = float(best[len(best) // 2])  # the middle of equally cheap ones
    costs, (shares, truth) = _costs(table, label, test, chosen), test
    drawn = resampling.samples(len(truth), lambda rows: float(costs[rows].mean()))
    return Thresholds(
        label=labels[label],
        chosen=chosen,
        cost=float(costs.mean()),
        interval=resampling.interval(drawn[0]),
        ruled=float(table[truth, (shares @ table).argmin(1)].mean()),
        halved=float(_costs(table, label, test, 0.5).mean()),
        points=tuple(points.tolist()),
        validation=tuple(on_validation.tolist()),
        test=tuple(on_test.tolist()),
    )


def _asked(decision: Decision, labels: tuple[str, ...], table: NDArray[np.float64]) -> int | None:
    """The positive label; of two labels without one the costlier to miss."""
    if not decision.costs:
        return None
    if decision.positive_label is not None:
        return labels.index(decision.positive_label)
    return int(table.max(1).argmax()) if len(labels) == 2 else None


def _costs(table: NDArray[np.float64], label: int, split: Split, threshold: float) -> NDArray[np.float64]:
    """[rows], where the label is answered from the threshold on, and else the most probable of the others."""
    shares, truth = split
    others = np.where(np.arange(shares.shape[1]) == label, -1.0, shares).argmax(1)
    costs: NDArray[np.float64] = table[truth, np.where(shares[:, label] >= threshold, label, others)]
    return costs
