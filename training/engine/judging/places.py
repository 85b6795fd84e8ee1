"""What needs no look at a picture: the boxes that training pictures have most often, the same answered to each."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.engine.data.boxes import Boxes, Found, overlaps
from training.engine.judging.average_precision import MOST, OVERLAPS
from training.engine.judging.baseline import Baselines

NAME = "usual places"
LOOKED_AT = 2_000  # boxes of a class


def judge(train: Sequence[Boxes], classes: int, *, asked: int) -> Baselines:
    """`asked`: pictures to be answered. Box by box, the one that stands for most others which no chosen one stands for
    yet; as sure as these are many."""
    of_all = Boxes(
        classes=np.concatenate([one.classes for one in train]),
        corners=np.concatenate([one.corners for one in train]),
    )
    chosen = [_chosen(of_all.of(of_all.classes == kind).corners, pictures=len(train)) for kind in range(classes)]
    found = Found(
        boxes=Boxes(
            classes=np.repeat(np.arange(classes), [len(confidence) for _, confidence in chosen]),
            corners=np.concatenate([corners for corners, _ in chosen]),
        ),
        confidence=np.concatenate([confidence for _, confidence in chosen]),
    )
    answer = [found.of(np.argsort(-found.confidence, kind="stable")[:MOST])] * asked
    return Baselines(name=NAME, best=answer, constant=answer)


def _chosen(corners: NDArray[np.float32], *, pictures: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """At most `MOST` corners, and a confidence each."""
    step = max(1, len(corners) // LOOKED_AT)
    looked_at, places, shares = corners[::step], list[int](), list[float]()
    stands_for = overlaps(looked_at, looked_at) >= OVERLAPS[0]
    while stands_for.any() and len(places) < MOST:
        best = int(stands_for.sum(1).argmax())
        places.append(best)
        shares.append(min(1.0, int(stands_for[best].sum()) * step / pictures))
        stands_for = stands_for & ~stands_for[best]
    return looked_at[places], np.array(shares, dtype=np.float32)
