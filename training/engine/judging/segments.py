"""Answers that are a class for every pixel: how much of what is there, and of what was said, is both (IoU)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from PIL import Image

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.data.masks import VOID, Mask
from training.engine.data.pictures import thumbnail
from training.engine.judging import resampling
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.detections import SIDE, WORST, evenly

Counts = NDArray[np.int64]  # [pictures, classes, 3]: pixels right, answered and true


@dataclass(frozen=True, kw_only=True)
class ClassPixels:
    """`iou`: None of a class that nothing is and nothing was said to be. `share`: of all pixels, what is so."""

    iou: float | None
    precision: float
    recall: float
    share: float


@dataclass(frozen=True, kw_only=True)
class PixelScores:
    """Over all pixels together. `mean_iou`: of the classes that are there or were answered, alike; `accuracy`: pixels
    right; `classes`: in the task's order of labels."""

    rows: int
    mean_iou: float
    accuracy: float
    classes: tuple[ClassPixels, ...]

    def value(self, metric: str) -> float:
        return self.accuracy if metric == "accuracy" else self.mean_iou

    def values(self) -> dict[str, float]:
        return {"mean_iou": self.mean_iou, "accuracy": self.accuracy}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A picture by its number in the customer's source, and what share of its pixels is right."""

    row: int
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class View:
    """A test picture as the report shows it. `picture`: JPEG of `size`, width and height; masks as large."""

    row: int
    accuracy: float
    picture: bytes
    size: tuple[int, int]
    true: Mask
    found: Mask


@dataclass(frozen=True, kw_only=True)
class Segments:
    task: TaskSpec
    compared: Compared
    model: PixelScores
    baseline: PixelScores
    constant: PixelScores
    worst: tuple[Row, ...]
    views: tuple[View, ...] = field(repr=False)

    def summary(self) -> Summary:
        return {
            **self.model.values(),
            **{f"baseline_{name}": value for name, value in self.baseline.values().items()},
            "constant_mean_iou": self.constant.mean_iou,
            "labels": len(self.task.labels),
        }

    def document(self) -> dict[str, Any]:
        """Per class by label; no picture."""
        return {
            "model": self._scores(self.model),
            "baseline": {"name": self.compared.name, **self._scores(self.baseline)},
            "constant": self._scores(self.constant),
            "worst_rows": to_data(self.worst),
        }

    def _scores(self, found: PixelScores) -> dict[str, Any]:
        values = to_data(found)
        return {**values, "classes": dict(zip(self.task.labels, values["classes"], strict=True))}


def counted(truth: Iterable[Mask], answers: Iterable[Mask], classes: int) -> Counts:
    return np.stack([_counted(true, said, classes) for true, said in zip(truth, answers, strict=True)])


def scores(counts: Counts) -> PixelScores:
    hits, said, true = counts.sum(0).T
    every = max(1, int(true.sum()))
    return PixelScores(
        rows=len(counts),
        mean_iou=value("mean_iou", counts.sum(0)),
        accuracy=value("accuracy", counts.sum(0)),
        classes=tuple(
            ClassPixels(
                iou=float(right / (given + real - right)) if given + real else None,
                precision=float(right / max(1, given)),
                recall=float(right / max(1, real)),
                share=float(real / every),
            )
            for right, given, real in zip(hits, said, true, strict=True)
        ),
    )


def value(metric: str, counts: NDArray[np.int64]) -> float:
    """`counts`: [classes, 3]."""
    hits, said, true = counts.T
    if metric == "accuracy":
        return float(hits.sum() / max(1, true.sum()))
    either = said + true - hits
    return float((hits[either > 0] / either[either > 0]).mean()) if either.any() else 0.0


def examine(
    task: TaskSpec,
    truth: Callable[[int], Mask],
    answers: Sequence[Mask],
    plain: Baselines,
    numbers: list[int],
    contents: pl.Series,
) -> Segments:
    """`numbers`: of the rows in the customer's source; `contents`: their pictures as they came; `truth`: of
    a row its mask."""
    rows, said = range(len(answers)), (answers, plain.best, plain.constant)
    each = [[_counted(true, one[row], len(task.labels)) for one in said] for row, true in enumerate(map(truth, rows))]
    ours, theirs, constant = np.stack(each, axis=1)
    right = ours[:, :, 0].sum(1) / np.maximum(1, ours[:, :, 2].sum(1))
    order = np.argsort(right, kind="stable")
    return Segments(
        task=task,
        compared=resampling.compare(
            task.metric,
            plain.name,
            len(rows),
            lambda drawn: value(task.metric, ours[drawn].sum(0)),
            lambda drawn: value(task.metric, theirs[drawn].sum(0)),
        ),
        model=scores(ours),
        baseline=scores(theirs),
        constant=scores(constant),
        worst=tuple(Row(row=numbers[at], accuracy=float(right[at])) for at in order[:WORST].tolist() if right[at] < 1),
        views=tuple(_view(numbers[at], float(right[at]), contents[at], truth(at), answers[at]) for at in evenly(order)),
    )


def _counted(true: Mask, said: Mask, classes: int) -> NDArray[np.int64]:
    """[classes, 3]. The answer is scaled to the mask, each pixel as the nearest; `VOID` is left out."""
    known = true != VOID
    real, given = true[known], _scaled(said, true.shape[::-1])[known]
    return np.stack([np.bincount(one, minlength=classes) for one in (real[real == given], given, real)], axis=1)


def _view(row: int, accuracy: float, content: bytes, true: Mask, said: Mask) -> View:
    picture, size = thumbnail(content, side=SIDE)
    masks = {"true": _scaled(true, size), "found": _scaled(said, size)}
    return View(row=row, accuracy=accuracy, picture=picture, size=size, **masks)


def _scaled(mask: Mask, size: tuple[int, int]) -> Mask:
    """`size`: width and height."""
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
