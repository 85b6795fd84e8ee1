"""How well probabilities put a class's rows before all others, at any threshold: ROC and precision-recall.

One class against the rest (Fawcett 2006; Davis & Goadrich 2006). A class without rows, or with all of them, has none.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import (  # type: ignore[import-untyped]
    average_precision_score,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

DRAWN = 5  # classes with curves: those ranked worst
POINTS = 100  # of a curve: more cannot be seen

Curve = tuple[tuple[float, ...], tuple[float, ...]]  # x, y


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """`roc_auc`: how likely a row of the class gets a higher probability than another row; `average_precision`: the
    area below the precision-recall curve, in steps; `share`: of the class's rows, what chance would reach of it."""

    label: str
    roc_auc: float
    average_precision: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Curves:
    """`roc`: false against true positives; `precision_recall`: recall against precision. Shares."""

    label: str
    roc: Curve
    precision_recall: Curve


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """`classes`: the worst average precision first; `curves`: of the first of them. The means count classes alike."""

    roc_auc: float
    average_precision: float
    classes: tuple[Ranked, ...]
    curves: tuple[Curves, ...]


def judge(shares: NDArray[np.float64], truth: NDArray[np.int64], labels: tuple[str, ...]) -> Ranking | None:
    """`shares`: [rows, classes] probabilities; `truth`: [rows] class indices. None where all rows are of one class."""
    found = []
    for index, label in enumerate(labels):
        really, share = truth == index, shares[:, index]
        if really.any() and not really.all():
            ranked = Ranked(
                label=label,
                roc_auc=float(roc_auc_score(really, share)),
                average_precision=float(average_precision_score(really, share)),
                share=float(really.mean()),
            )
            found.append((ranked, index))
    if not found:
        return None
    found.sort(key=lambda one: one[0].average_precision)
    classes = tuple(ranked for ranked, _ in found)
    return Ranking(
        roc_auc=float(np.mean([one.roc_auc for one in classes])),
        average_precision=float(np.mean([one.average_precision for one in classes])),
        classes=classes,
        curves=tuple(_curves(one.label, truth == index, shares[:, index]) for one, index in found[:DRAWN]),
    )


def _curves(label: str, really: NDArray[np.bool_], share: NDArray[np.float64]) -> Curves:
    false, true, _ = roc_curve(really, share)
    precision, recall, _ = precision_recall_curve(really, share)
    return Curves(label=label, roc=_thinned(false, true), precision_recall=_thinned(recall, precision))


def _thinned(x: NDArray[np.float64], y: NDArray[np.float64]) -> Curve:
    """Both ends and evenly many between."""
    kept = np.unique(np.linspace(0, len(x) - 1, POINTS).round().astype(np.int64))
    return tuple(x[kept].tolist()), tuple(y[kept].tolist())
