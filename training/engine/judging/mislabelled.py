"""Labels that are likely wrong, by probabilities of a model that did not learn them: confident learning (Northcutt,
Jiang & Chuang 2021, arXiv:1911.00068).

A row is doubted where another class is at least as probable as it is in the mean of that class's own rows: so a model
that is never sure of a class, or always too sure, doubts no more of its rows for that.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LISTED = 100
Given = tuple[NDArray[np.float64], NDArray[np.int64], list[int]]  # probabilities, class indices, row numbers


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A row by its number in the customer's source. `given`, `suggested`: labels; `confidence`: the probability of the
    suggested one."""

    row: int
    split: str
    given: str
    suggested: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class Doubts:
    """`rows`: looked at; `found`: how many are doubted; `listed`: of these the surest, first."""

    rows: int
    found: int
    listed: tuple[Doubt, ...]


def judge(labels: tuple[str, ...], splits: Mapping[str, Given]) -> Doubts:
    """`splits`: those that the model did not learn; probabilities are [rows, classes]."""
    shares = np.concatenate([one for one, _, _ in splits.values()])
    truth = np.concatenate([one for _, one, _ in splits.values()])
    rows = [(split, number) for split, (_, _, numbers) in splits.items() for number in numbers]
    suggested, places = find(shares, truth)
    return Doubts(
        rows=len(rows),
        found=len(places),
        listed=tuple(
            Doubt(
                row=rows[at][1],
                split=rows[at][0],
                given=labels[truth[at]],
                suggested=labels[suggested[at]],
                confidence=float(shares[at, suggested[at]]),
            )
            for at in places[:LISTED]
        ),
    )


def find(shares: NDArray[np.float64], truth: NDArray[np.int64]) -> tuple[NDArray[np.int64], list[int]]:
    """Of each row the class that it most likely is of, and the rows whose label is doubted: those first whose label is
    the least probable beside it (normalised margin)."""
    usual = np.array([_mean(shares[truth == label, label]) for label in range(shares.shape[1])])
    sure = np.where(shares >= usual, shares, -1.0)
    suggested = sure.argmax(1)
    doubted = np.flatnonzero((sure.max(1) >= 0) & (suggested != truth))
    margin = shares[doubted, truth[doubted]] - shares[doubted, suggested[doubted]]
    return suggested, doubted[np.argsort(margin, kind="stable")].tolist()


def _mean(values: NDArray[np.float64]) -> float:
    """A class without rows is never suggested."""
    return float(values.mean()) if len(values) else np.inf
