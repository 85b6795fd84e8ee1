"""Answers that are boxes around things: how many were found and how well they fit."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.data.boxes import Boxes, Found
from training.engine.data.pictures import thumbnail
from training.engine.judging import average_precision, resampling
from training.engine.judging.average_precision import Matched
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.ranking import Curve

WORST = 20  # pictures listed
SHOWN = 6  # pictures drawn
SIDE = 360  # pixels of a drawn picture's longer side
POINTS = 100  # of a curve: more cannot be seen


@dataclass(frozen=True, kw_only=True)
class ClassBoxes:
    """`average_precision`: mean over the overlaps (IoU) from 0.5 to 0.95, and at 0.5; None of a class without a true
    box. Precision, recall and F1: of boxes from the threshold on, at an overlap of 0.5. `support`: true boxes."""

    average_precision: float | None
    average_precision_50: float | None
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, kw_only=True)
class BoxScores:
    """`map`, `map_50`: COCO's; the rest as of `ClassBoxes`, every box counting alike. `classes`: in the task's order of
    labels."""

    rows: int
    boxes: int
    map: float
    map_50: float
    precision: float
    recall: float
    f1: float
    classes: tuple[ClassBoxes, ...]

    def value(self, metric: str) -> float:
        return self.map_50 if metric == "map_50" else self.map

    def values(self) -> dict[str, float]:
        return {"map": self.map, "map_50": self.map_50}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A picture with mistakes, by its number in the customer's source."""

    row: int
    true: int
    missed: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class Sight:
    """A test picture as the report shows it. `picture`: JPEG of `size`, width and height in pixels."""

    row: int
    picture: bytes
    size: tuple[int, int]
    true: Boxes
    found: Found


@dataclass(frozen=True, kw_only=True)
class Detections:
    """`threshold`: the confidence from which a box counts as found, the best by F1 on validation. `curves`: of each
    class recall against precision at an overlap of 0.5; `by_confidence`: confidence against precision, recall and F1.
    """

    task: TaskSpec
    compared: Compared
    model: BoxScores
    baseline: BoxScores
    threshold: float
    curves: dict[str, Curve]
    by_confidence: dict[str, Curve]
    worst: tuple[Row, ...]
    sights: tuple[Sight, ...] = field(repr=False)

    def summary(self) -> Summary:
        return {
            **self.model.values(),
            **{f"baseline_{name}": value for name, value in self.baseline.values().items()},
            "precision": self.model.precision,
            "recall": self.model.recall,
            "threshold": self.threshold,
            "boxes": self.model.boxes,
            "labels": len(self.task.labels),
        }

    def document(self) -> dict[str, Any]:
        """Per class by label; no picture."""
        return {
            "model": self._scores(self.model),
            "baseline": {"name": self.compared.name, **self._scores(self.baseline)},
            "threshold": self.threshold,
            "precision_recall": to_data(self.curves),
            "by_confidence": to_data(self.by_confidence),
            "worst_rows": to_data(self.worst),
        }

    def _scores(self, found: BoxScores) -> dict[str, Any]:
        values = to_data(found)
        return {**values, "classes": dict(zip(self.task.labels, values["classes"], strict=True))}


def scores(matches: Sequence[Matched], threshold: float = 0.0) -> BoxScores:
    """`matches`: a class each."""
    counts = np.array([_counts(one, threshold).sum(0) for one in matches])
    every = np.ones(len(matches[0].true), dtype=np.int64)
    found = [average_precision.precisions(one, every) for one in matches]
    known = [one for one in found if one is not None]
    precision, recall, f1 = _shares(counts.sum(0))
    return BoxScores(
        rows=len(every),
        boxes=int(counts[:, 2].sum()),
        map=float(np.mean(known)),
        map_50=float(np.mean([one[0] for one in known])),
        precision=precision,
        recall=recall,
        f1=f1,
        classes=tuple(_class(one, row) for one, row in zip(found, counts, strict=True)),
    )


def threshold(matches: Sequence[Matched]) -> float:
    """The confidence from which on boxes have the best F1, every box counting alike; rounded down to thousandths."""
    confidence = np.concatenate([one.confidence for one in matches])
    order = np.argsort(-confidence, kind="stable")
    hits = np.concatenate([one.right[0] for one in matches])[order].cumsum()
    f1 = 2 * hits / (np.arange(1, len(order) + 1) + sum(int(one.true.sum()) for one in matches))
    return floor(1000 * float(confidence[order[f1.argmax()]])) / 1000


def examine(
    task: TaskSpec,
    truth: Sequence[Boxes],
    found: Sequence[Found],
    plain: Baselines,
    numbers: list[int],
    contents: pl.Series,
) -> Detections:
    """`task`: with the threshold among its options; `numbers`: of the rows in the customer's source; `contents`: their
    pictures as they came."""
    ours, theirs = (average_precision.matched(truth, one, len(task.labels)) for one in (found, plain.best))
    limit, pictures = float(task.options["threshold"]), len(truth)
    every = task.metric != "map_50"
    wrong = _mistakes(ours, limit)
    order = np.argsort(-wrong.sum(1), kind="stable")
    return Detections(
        task=task,
        compared=resampling.compare(
            task.metric,
            plain.name,
            pictures,
            lambda drawn: average_precision.mean(ours, np.bincount(drawn, minlength=pictures), every=every),
            lambda drawn: average_precision.mean(theirs, np.bincount(drawn, minlength=pictures), every=every),
        ),
        model=scores(ours, limit),
        baseline=scores(theirs, threshold(theirs)),
        threshold=limit,
        curves={label: _curve(one) for label, one in zip(task.labels, ours, strict=True) if one.true.any()},
        by_confidence=_by_confidence(ours),
        worst=tuple(
            Row(row=numbers[at], true=len(truth[at]), missed=int(wrong[at, 0]), wrong=int(wrong[at, 1]))
            for at in order[:WORST].tolist()
            if wrong[at].any()
        ),
        sights=tuple(_sight(numbers[at], contents[at], truth[at], found[at], limit) for at in evenly(order)),
    )


def evenly(order: NDArray[np.int64]) -> list[int]:
    """Both ends of an order and some between."""
    return list(dict.fromkeys(order[np.linspace(0, len(order) - 1, SHOWN).round().astype(np.int64)].tolist()))


def _sight(row: int, content: bytes, true: Boxes, found: Found, limit: float) -> Sight:
    picture, size = thumbnail(content, side=SIDE)
    return Sight(row=row, picture=picture, size=size, true=true, found=found.of(found.confidence >= limit))


def _counts(one: Matched, limit: float) -> NDArray[np.int64]:
    """[pictures, 3]: boxes right, answered and true of a class."""
    kept, pictures = one.confidence >= limit, len(one.true)
    hits, said = (np.bincount(one.picture[which], minlength=pictures) for which in (kept & one.right[0], kept))
    return np.stack([hits, said, one.true], axis=1)


def _mistakes(matches: Sequence[Matched], limit: float) -> NDArray[np.int64]:
    """[pictures, 2]: boxes missed, and answered wrongly."""
    hits, said, true = sum(_counts(one, limit) for one in matches).T  # type: ignore[union-attr]
    return np.stack([true - hits, said - hits], axis=1)


def _shares(counts: NDArray[np.int64]) -> tuple[float, float, float]:
    hits, said, true = counts.tolist()
    return hits / max(1, said), hits / max(1, true), 2 * hits / max(1, said + true)


def _class(found: NDArray[np.float64] | None, counts: NDArray[np.int64]) -> ClassBoxes:
    precision, recall, f1 = _shares(counts)
    return ClassBoxes(
        average_precision=None if found is None else float(found.mean()),
        average_precision_50=None if found is None else float(found[0]),
        precision=precision,
        recall=recall,
        f1=f1,
        support=int(counts[2]),
    )


def _curve(one: Matched) -> Curve:
    hits = one.right[0].cumsum()
    precision = average_precision.interpolated(hits / one.true.sum(), hits / np.arange(1, len(hits) + 1))
    return tuple(average_precision.RECALLS.tolist()), tuple(precision.tolist())


def _by_confidence(matches: Sequence[Matched]) -> dict[str, Curve]:
    limits = np.linspace(0, 1, POINTS + 1)[:-1]
    shares = [_shares(sum(_counts(one, limit) for one in matches).sum(0)) for limit in limits]  # type: ignore[union-attr]
    return {
        name: (tuple(limits.tolist()), values)
        for name, values in zip(("precision", "recall", "F1"), zip(*shares, strict=True), strict=True)
    }
