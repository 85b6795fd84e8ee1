"""What a few seconds without a neural network say of pixels: how often a class has such a colour, and lies there.

Naive Bayes over two facts, counted on the training pictures: the colour, in coarse steps, and the place, in coarse
cells.
"""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from training.engine.data.masks import VOID, Mask
from training.engine.data.seeing import Seen
from training.engine.judging.baseline import Baselines

NAME = "colours and places"
STEPS = 8  # of each channel
CELLS = 8  # a side
EVERY = 2  # pixels, each way: their neighbours say the same


def judge(train: Iterable[tuple[Seen, Mask]], asked: Iterable[Seen], *, classes: int) -> Baselines:
    """Constant is the commonest class of each place."""
    colours, places = np.ones((classes, STEPS**3)), np.ones((classes, CELLS * CELLS))
    for seen, mask in train:
        known = mask[::EVERY, ::EVERY]
        kinds = known[known != VOID].astype(np.int64)
        for counts, facts in ((colours, _colours(seen)), (places, _cells(seen))):
            told = kinds * counts.shape[1] + facts[::EVERY, ::EVERY][known != VOID]
            counts += np.bincount(told, minlength=counts.size).reshape(counts.shape)
    by_colour, by_place = np.log(colours / colours.sum(1, keepdims=True)), np.log(places / places.sum(0))
    best, constant = list[Mask](), list[Mask]()
    for seen in asked:
        there = by_place[:, _cells(seen)]
        best.append((by_colour[:, _colours(seen)] + there).argmax(0).astype(np.uint8))
        constant.append(there.argmax(0).astype(np.uint8))
    return Baselines(name=NAME, best=best, constant=constant)


def _colours(seen: Seen) -> NDArray[np.int64]:
    """[height, width] of a picture of one channel or three."""
    steps = seen.astype(np.int64) * STEPS // 256
    return np.asarray((steps * STEPS ** np.arange(seen.shape[2])).sum(2))


def _cells(seen: Seen) -> NDArray[np.int64]:
    """[height, width]."""
    down, along = (np.arange(side) * CELLS // side for side in seen.shape[:2])
    return np.asarray(down[:, None] * CELLS + along)


def sided(masks: Sequence[Mask]) -> float:
    """How far from the middle, left to right, a class lies at most: in standard errors over the pictures."""
    return max(
        _aside([middle for mask in masks if (middle := _middle(mask == kind)) is not None])
        for kind in {kind for mask in masks for kind in np.unique(mask).tolist()}
    )


def _middle(there: NDArray[np.bool_]) -> float | None:
    """Mean column of a class against the picture's middle, in shares of its width; None where it is not there."""
    columns = np.flatnonzero(there.any(0))
    return float(columns.mean() / max(1, there.shape[1] - 1) - 0.5) if len(columns) else None


def _aside(middles: Sequence[float]) -> float:
    if not any(middles):
        return 0.0
    error = np.std(middles) / np.sqrt(len(middles))
    return float(abs(np.mean(middles)) / max(error, 1e-9))
