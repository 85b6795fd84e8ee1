"""The recipe for one label a row of columns."""

import torch
from torch import Tensor

from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.judging import boosting, classes
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Answered, Classes, Ordered
from training.engine.tasks.tables import Split
from training.engine.tasks.text_classification import (
    faults_of_rows,
    faults_of_task,
    loss,
    outputs,
    unit,
    weights,
)

__all__ = [
    "OUTPUT", "baseline", "examine", "faults_of_rows", "faults_of_task", "judge", "loss", "outputs", "targets", "unit",
    "weights",
]  # fmt: skip

OUTPUT = "logits"


def targets(task: TaskSpec, rows: Rows) -> Tensor:
    """(N,) int64 class indices: positions in `task.labels`."""
    index = {label: position for position, label in enumerate(task.labels)}
    return torch.tensor([index[label] for label in rows["label"]])


def judge(task: TaskSpec, truth: Tensor, logits: Tensor) -> Ordered:
    return classes.ordered(task, logits.double().numpy(), truth.numpy())


def baseline(task: TaskSpec, splits: dict[str, Split], *, seed: int) -> Baselines:
    train, validation = ((splits[name].cells, splits[name].truth.numpy()) for name in ("train", "validation"))
    return boosting.classes(train, validation, splits["test"].cells, labels=len(task.labels), seed=seed)


def examine(task: TaskSpec, answered: dict[str, tuple[Split, Tensor]], plain: Baselines) -> Classes:
    said = {
        name: Answered(logits=logits.double().numpy(), truth=split.truth.numpy(), numbers=split.rows.numbers)
        for name, (split, logits) in answered.items()
    }
    return classes.examine(task, said["test"], said["validation"], plain)
