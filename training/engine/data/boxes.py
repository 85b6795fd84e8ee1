"""Boxes in a picture as a model learns and answers them: corners in shares of its sides, whatever its size."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.data.pictures import upright_size
from training.engine.data.reading import Rows
from training.engine.data.seeing import contents_of

CORNERS = ("xmin", "ymin", "xmax", "ymax")


@dataclass(frozen=True, kw_only=True)
class Boxes:
    """Of one picture. `classes`: [n] positions in the task's labels; `corners`: [n, 4] xmin, ymin, xmax, ymax, shares
    of width and height of the upright picture."""

    classes: NDArray[np.int64]
    corners: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.classes)

    @property
    def areas(self) -> NDArray[np.float32]:
        sides = self.corners[:, 2:] - self.corners[:, :2]
        return np.asarray(sides[:, 0] * sides[:, 1])

    def of(self, which: NDArray[Any]) -> "Boxes":
        return Boxes(classes=self.classes[which], corners=self.corners[which])


@dataclass(frozen=True, kw_only=True)
class Found:
    """Boxes that were answered, the surest first, each with a `confidence` from 0 to 1."""

    boxes: Boxes
    confidence: NDArray[np.float32]

    def of(self, which: NDArray[Any]) -> "Found":
        return Found(boxes=self.boxes.of(which), confidence=self.confidence[which])


def read(rows: Rows, labels: Sequence[str]) -> list[Boxes]:
    """What lies outside the picture is cut off, and a box of which nothing is left is none."""
    at = {label: place for place, label in enumerate(labels)}
    found = []
    for size, boxes in zip(map(upright_size, contents_of(rows, "image")), rows["boxes"], strict=True):
        corners = np.array([[one[name] for name in CORNERS] for one in boxes], dtype=np.float64)
        shares = (corners.reshape(-1, 4) / np.tile(size, 2)).clip(0, 1).astype(np.float32)
        every = Boxes(classes=np.array([at[one["label"]] for one in boxes], dtype=np.int64), corners=shares)
        kept = (shares[:, 2] > shares[:, 0]) & (shares[:, 3] > shares[:, 1])
        found.append(every.of(kept))
    return found


def of_answers(answers: NDArray[np.float32]) -> Found:
    """`answers`: [n, 6] a class, its confidence and four corners, as a detector's file says."""
    kept = answers[np.argsort(-answers[:, 1], kind="stable")]
    kept = kept[kept[:, 1] > 0]
    boxes = Boxes(classes=kept[:, 0].astype(np.int64), corners=kept[:, 2:])
    return Found(boxes=boxes, confidence=kept[:, 1])


def overlaps(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> NDArray[np.float64]:
    """[n, 4] and [m, 4] corners to [n, m]: what both cover of what either does (IoU)."""
    one, other = ours.astype(np.float64)[:, None], theirs.astype(np.float64)[None]
    both = (np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])).clip(0).prod(-1)
    either = sum((each[..., 2:] - each[..., :2]).prod(-1) for each in (one, other)) - both
    return np.asarray(both / np.maximum(either, 1e-12))
