"""The recipe for one label a picture: learnt and judged as one label a text is."""

from collections.abc import Mapping

from torch import Tensor

from contracts.task import TaskSpec
from training.engine.data.pictures import PictureView
from training.engine.data.reading import Rows
from training.engine.judging import classes, looks
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Answered, Classes
from training.engine.judging.looks import Features
from training.engine.judging.looks import of_pictures as features
from training.engine.model import vision
from training.engine.model.base import Base
from training.engine.model.vision import inspect_pictures as inspect
from training.engine.tasks.kind import Known
from training.engine.tasks.text_classification import (
    faults_of_rows,
    faults_of_task,
    judge,
    loss,
    outputs,
    targets,
    weights,
)

__all__ = [
    "BASELINE", "baseline", "examine", "faults_of_rows", "faults_of_task", "features", "inspect", "judge", "loss",
    "outputs", "targets", "view", "weights",
]  # fmt: skip

BASELINE = "edges and colours + linear classifier"


def view(base: Base, train: Rows, *, threads: int) -> PictureView:
    return vision.view_of(base)


def baseline(name: str, shown: Features, truth: Tensor, asked: Features) -> Baselines:
    return looks.classes(name, shown, truth.numpy(), asked)


def examine(task: TaskSpec, answered: Mapping[str, tuple[Known, Tensor]], plain: Baselines) -> Classes:
    said = {
        name: Answered(logits=logits.double().numpy(), truth=split.truth.numpy(), numbers=split.rows.numbers)
        for name, (split, logits) in answered.items()
    }
    return classes.examine(task, said["test"], said["validation"], plain)
