"""How good the answers are that a task's decision makes of the probabilities: cost, abstention, the positive label.

`contracts.decision` is the rule; the runtime follows the same one. Knows no model.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score  # type: ignore[import-untyped]

from contracts.decision import Decision, answer, matrix


@dataclass(frozen=True, kw_only=True)
class Positive:
    """The positive label against all others, at its threshold. `average_precision` needs no threshold."""

    label: str
    precision: float
    recall: float
    f1: float
    average_precision: float


@dataclass(frozen=True, kw_only=True)
class Decided:
    """On the test split. `coverage`: the share of rows that were answered; `accuracy`: of those. `cost`: of an answered
    row, in the task's own unit; `constant_cost`: of the one label that is cheapest to answer always."""

    coverage: float
    accuracy: float
    cost: float | None
    constant_cost: float | None
    constant_label: str | None
    positive: Positive | None

    def summary(self) -> dict[str, float]:
        """What lists show beside the usual figures."""
        found = {"coverage": self.coverage, "answered_accuracy": self.accuracy}
        if self.cost is not None and self.constant_cost is not None:
            found |= {"cost": self.cost, "constant_cost": self.constant_cost}
        if self.positive is not None:
            found |= {"positive_f1": self.positive.f1, "average_precision": self.positive.average_precision}
        return found


def judge(
    decision: Decision, labels: tuple[str, ...], probabilities: NDArray[np.float64], truth: NDArray[np.int64]
) -> Decided | None:
    """`probabilities`: [rows, labels]; `truth`: [rows] class indices. None where the task decides nothing by itself."""
    if decision.plain and decision.positive_label is None:
        return None
    answers = [answer(decision, labels, row) for row in probabilities.tolist()]
    answered = np.array([each is not None for each in answers])
    chosen = np.array([labels.index(each) if each is not None else 0 for each in answers])
    right = float((chosen == truth)[answered].mean()) if answered.any() else 0.0
    cost, constant, label = None, None, None
    if decision.costs:
        table = np.array(matrix(decision, labels))
        cost = float(table[truth, chosen][answered].mean()) if answered.any() else 0.0
        constants = table[truth].mean(axis=0)
        constant, label = float(constants.min()), labels[int(constants.argmin())]
    return Decided(
        coverage=float(answered.mean()),
        accuracy=right,
        cost=cost,
        constant_cost=constant,
        constant_label=label,
        positive=_positive(decision, labels, probabilities, truth, chosen, answered),
    )


def _positive(
    decision: Decision,
    labels: tuple[str, ...],
    probabilities: NDArray[np.float64],
    truth: NDArray[np.int64],
    chosen: NDArray[np.int64],
    answered: NDArray[np.bool_],
) -> Positive | None:
    """A row that is not answered is not answered positively."""
    if decision.positive_label is None:
        return None
    at = labels.index(decision.positive_label)
    really, said = truth == at, (chosen == at) & answered
    hits = int((really & said).sum())
    precision, recall = hits / max(1, int(said.sum())), hits / max(1, int(really.sum()))
    return Positive(
        label=decision.positive_label,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / max(1e-12, precision + recall),
        average_precision=float(average_precision_score(really, probabilities[:, at])) if really.any() else 0.0,
    )
