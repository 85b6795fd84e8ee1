"""What training shows of a picture: not the whole but a window on it, smaller or larger, moved, perhaps mirrored. What
lies at places of the picture, boxes or a mask, is seen through the same window."""

from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from training.engine.data.boxes import Boxes

LARGER = 1.3  # times as large as it is, or as small, a picture is shown at most
SQUEEZED = 0.1  # of a side's logarithm: how far the sides may differ in that
VISIBLE = 0.3  # of a box's area: where less of it is within the window, it is none there


@dataclass(frozen=True, kw_only=True)
class Window:
    """Shares of the picture's sides from its upper left; it may reach beyond the edges."""

    left: float
    top: float
    width: float
    height: float
    mirrored: bool

    def on(self, seen: NDArray[np.uint8], *, beyond: int, size: tuple[int, int] | None = None) -> NDArray[np.uint8]:
        """[height, width, ...] to the same, or to another `size`: of each pixel the nearest; `beyond`: what stands for
        those beyond the edges."""
        sides, (height, width) = seen.shape[:2], size or seen.shape[:2]
        down = _places(height, sides[0], self.top, self.height)
        along = _places(width, sides[1], self.left, self.width)[:: -1 if self.mirrored else 1]
        shown: NDArray[np.uint8] = seen[np.ix_(down.clip(0, sides[0] - 1), along.clip(0, sides[1] - 1))]
        outside = ((down < 0) | (down >= sides[0]))[:, None] | (along < 0) | (along >= sides[1])
        shown[outside] = beyond
        return shown

    def around(self, boxes: Boxes) -> Boxes:
        """Those of which enough is seen, cut at the window's edges."""
        start, sides = np.array([self.left, self.top] * 2), np.array([self.width, self.height] * 2)
        moved: NDArray[np.float32] = ((boxes.corners - start) / sides).astype(np.float32)
        if self.mirrored:
            moved = np.stack([1 - moved[:, 2], moved[:, 1], 1 - moved[:, 0], moved[:, 3]], axis=1)
        whole = Boxes(classes=boxes.classes, corners=moved)
        cut = Boxes(classes=boxes.classes, corners=moved.clip(0, 1))
        return cut.of(cut.areas > VISIBLE * whole.areas)


def drawn(chance: np.random.Generator, *, mirrors: bool) -> Window:
    """Somewhere on the picture; where it is larger than that, the picture lies somewhere in it."""
    zoom = chance.uniform(-log(LARGER), log(LARGER))
    width, height = (exp(zoom + chance.uniform(-SQUEEZED, SQUEEZED)) for _ in range(2))
    left, top = (chance.uniform(min(0.0, 1 - side), max(0.0, 1 - side)) for side in (width, height))
    return Window(left=left, top=top, width=width, height=height, mirrored=mirrors and bool(chance.random() < 0.5))


def _places(count: int, side: int, first: float, share: float) -> NDArray[np.int64]:
    """Of so many pixels, those of the `side` that lie there; beyond its ends, too."""
    return np.floor((first + (np.arange(count) + 0.5) / count * share) * side).astype(np.int64)
