"""Average precision of boxes as COCO defines it (Lin et al. 2014, arXiv:1405.0312, and its evaluation's code).

Of every picture and class the surest hundred boxes count. From the surest on, each takes the true box that it overlaps
most and that is not taken, if the overlap (IoU) reaches a threshold. Precision is read at 101 recalls, where it is the
best of that recall and all higher ones; the mean of these is the average precision of a class at a threshold.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from training.engine.data.boxes import Boxes, Found, overlaps

OVERLAPS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0, 1, 101)
MOST = 100  # boxes of a class in a picture


@dataclass(frozen=True, kw_only=True)
class Matched:
    """Of one class every box that was answered, the surest first: `picture`, `confidence`: [answers]; `right`:
    [overlaps, answers]. `true`: [pictures], how many boxes are there."""

    picture: NDArray[np.int64]
    confidence: NDArray[np.float64]
    right: NDArray[np.bool_]
    true: NDArray[np.int64]

    @cached_property
    def last(self) -> int:
        """One past the last that is right at any overlap: those after it change no average precision."""
        right = np.flatnonzero(self.right.any(0))
        return int(right[-1]) + 1 if len(right) else 0


def matched(truth: Sequence[Boxes], found: Sequence[Found], classes: int) -> list[Matched]:
    """A class each."""
    return [
        _matched(
            [one.of(one.classes == kind) for one in truth],
            [one.of(np.flatnonzero(one.boxes.classes == kind)[:MOST]) for one in found],
        )
        for kind in range(classes)
    ]


def precisions(one: Matched, times: NDArray[np.int64], *, every: bool = True) -> NDArray[np.float64] | None:
    """[overlaps] average precision of a class; None where it has no true box. `times`: [pictures], how often each is
    there; `every`: overlap, or only the first."""
    true = int((one.true * times).sum())
    if true == 0:
        return None
    weights = times[one.picture[: one.last]]
    hits = np.cumsum(one.right[: len(OVERLAPS) if every else 1, : one.last] * weights, axis=1)
    said = np.maximum(1, weights.cumsum())
    return np.array([interpolated(row / true, row / said).mean() for row in hits])


def interpolated(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> NDArray[np.float64]:
    """[recalls]: the best precision at each recall or a higher one, 0 where it is never reached."""
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return np.asarray(best[np.searchsorted(recall, RECALLS, side="left")])


def mean(matches: Sequence[Matched], times: NDArray[np.int64], *, every: bool = True) -> float:
    """Of all classes that have true boxes, alike."""
    each = [found.mean() for one in matches if (found := precisions(one, times, every=every)) is not None]
    return float(np.mean(each)) if each else 0.0


def _matched(truth: list[Boxes], found: list[Found]) -> Matched:
    picture = np.repeat(np.arange(len(found)), [len(one.confidence) for one in found])
    confidence = np.concatenate([one.confidence for one in found]).astype(np.float64)
    right = np.hstack([_right(boxes, one) for boxes, one in zip(truth, found, strict=True)])
    order = np.argsort(-confidence, kind="stable")
    return Matched(
        picture=picture[order],
        confidence=confidence[order],
        right=right[:, order],
        true=np.array([len(boxes) for boxes in truth]),
    )


def _right(truth: Boxes, found: Found) -> NDArray[np.bool_]:
    """[overlaps, answers] of one picture and class."""
    right = np.zeros((len(OVERLAPS), len(found.confidence)), dtype=np.bool_)
    shared = overlaps(found.boxes.corners, truth.corners)
    free = np.ones((len(OVERLAPS), len(truth)), dtype=np.bool_)
    for answer in np.flatnonzero((shared >= OVERLAPS[0]).any(1)):
        open_ = np.where(free, shared[answer], 0.0)
        best = open_.argmax(1)
        right[:, answer] = open_.max(1) >= OVERLAPS
        free[right[:, answer], best[right[:, answer]]] = False
    return right
