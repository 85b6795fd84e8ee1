"""The recipe for boxes around things, each with one label."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from contracts.codec import to_json
from contracts.fine_tune import BaseModel
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data import boxes
from training.engine.data.boxes import Boxes, Found
from training.engine.data.pictures import GREY, PictureView
from training.engine.data.reading import Rows
from training.engine.data.seeing import contents_of
from training.engine.data.windows import Window
from training.engine.judging import average_precision, detections, looks, places
from training.engine.judging.baseline import Baselines
from training.engine.judging.detections import BoxScores, Detections
from training.engine.judging.mirroring import MOST, harmless
from training.engine.model import detector, queries, vision
from training.engine.model.base import Base
from training.engine.model.detector import Detector, Shape
from training.engine.model.queries import Queries
from training.engine.settings import Habits
from training.engine.tasks import faults
from training.engine.tasks.scenes import Answer, Options, Split, as_onnx, by_onnx, fitted
from training.engine.tasks.scenes import unchanged as named

__all__ = [
    "HABITS", "baseline", "examine", "faults_of_rows", "faults_of_task", "inspect", "judge", "load", "mirrors", "moved",
    "named", "opened", "options", "publish", "truth", "view",
]  # fmt: skip

# Corners need more than the eight bits of a bfloat16. What was learnt before is only adjusted.
HABITS = Habits(
    rates={"full": 1e-4}, width=256, wanted=5_000, epochs=(5, 50), bfloat16=False,
    anew=Habits(rates={"full": 4e-3}, width=128, wanted=6_000, epochs=(10, 60), bfloat16=False),
)  # fmt: skip
FEWEST_A_LABEL = 2  # training pictures
CROP = (32, 32)  # pixels that a thing is looked at with when it is mirrored


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    base = detector.inspect(spec) if spec.shape is not None else queries.inspect(spec)
    vision.view_of(base)
    return base


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_labels(task, fewest=1) + faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split or with a label, labels that the task does not have, and nothing to be found."""
    given = [
        (number, box["label"])
        for rows in splits.values()
        for number, several in zip(rows.numbers, rows["boxes"], strict=True)
        for box in several
    ]
    counts = Counter(label for several in splits["train"]["boxes"] for label in {box["label"] for box in several})
    return [
        *faults.of_sizes(splits),
        *faults.of_unknown(task, given, param="boxes"),
        *faults.of_rare(task, counts, fewest=FEWEST_A_LABEL),
        *faults.of_nothing(splits, "boxes"),
    ]


def view(base: Base, train: Rows) -> PictureView:
    return vision.view_of(base) if base.spec.shape is None else fitted(train)


def truth(task: TaskSpec, rows: Rows, view: PictureView) -> list[Boxes]:
    return boxes.read(rows, task.labels)


def mirrors(train: Split) -> bool:
    """Whether things that are cut out are told apart as well when they are mirrored."""
    crops, known = list[Any](), list[int]()
    for row, one in enumerate(train.truth):
        if len(known) < MOST:
            (seen,) = train.media.of([row])
            crops += [_around(corners).on(seen, beyond=GREY, size=CROP) for corners in one.corners]
            known += one.classes.tolist()
    return harmless(np.stack(crops), np.array(known), lambda *rows: looks.classes("", *rows).best)


def moved(truth: Boxes, window: Window) -> Boxes:
    return window.around(truth)


def load(base: Base, task: TaskSpec, train: Sequence[Boxes]) -> Detector | Queries:
    if base.spec.shape is None:
        return queries.load(base, task.labels)
    return Detector(Shape(classes=len(task.labels), usual=sum(map(len, train)) / len(train)))


def judge(task: TaskSpec, split: Split, answers: Tensor) -> BoxScores:
    return detections.scores(average_precision.matched(split.truth, _found(answers), len(task.labels)))


def options(task: TaskSpec, split: Split, answers: Tensor) -> Options:
    matches = average_precision.matched(split.truth, _found(answers), len(task.labels))
    return {"threshold": detections.threshold(matches)}


def baseline(task: TaskSpec, splits: dict[str, Split]) -> Baselines:
    return places.judge(splits["train"].truth, len(task.labels), asked=len(splits["test"].rows))


def publish(model: Detector | Queries, view: PictureView, folder: Path) -> None:
    """A detector of transformers as it loads it; a small one as model.onnx, which needs nothing of ours, and the same
    as config.json and model.safetensors."""
    model.save(folder)
    said = view.document()
    if isinstance(model, Detector):
        as_onnx(model, view, folder, output="boxes")
    else:
        said |= {"image_processor_type": model.reader, "do_pad": False}
    (folder / "preprocessor_config.json").write_bytes(to_json(said))


def opened(base: Base, folder: Path, *, threads: int) -> Answer:
    return queries.opened(folder) if base.spec.shape is None else by_onnx(folder, threads=threads)


def examine(task: TaskSpec, split: Split, answers: Tensor, plain: Baselines) -> Detections:
    return detections.examine(
        task, split.truth, _found(answers), plain, split.rows.numbers, contents_of(split.rows, "image")
    )


def _found(answers: Tensor) -> list[Found]:
    return [boxes.of_answers(one) for one in answers.float().numpy()]


def _around(corners: NDArray[np.float32]) -> Window:
    left, top, right, low = corners.tolist()
    return Window(left=left, top=top, width=right - left, height=low - top, mirrored=False)
