"""The recipe for one label a row of columns."""

from torch import Tensor

from contracts.task import TaskSpec
from training.engine.judging import boosting, classes
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Ordered
from training.engine.tasks.tables import Split
from training.engine.tasks.text_classification import (
    examine,
    faults_of_rows,
    faults_of_task,
    loss,
    outputs,
    plain,
    said,
    targets,
    unit,
    weights,
)

__all__ = [
    "OUTPUT", "baseline", "examine", "faults_of_rows", "faults_of_task", "judge", "loss", "outputs", "plain", "said",
    "targets", "unit", "weights",
]  # fmt: skip

OUTPUT = "logits"


def judge(task: TaskSpec, truth: Tensor, logits: Tensor) -> Ordered:
    return classes.ordered(task, logits.double().numpy(), truth.numpy())


def baseline(task: TaskSpec, splits: dict[str, Split], *, seed: int) -> Baselines:
    train, validation = ((splits[name].cells, splits[name].truth.numpy()) for name in ("train", "validation"))
    return boosting.classes(train, validation, splits["test"].cells, labels=len(task.labels), seed=seed)
