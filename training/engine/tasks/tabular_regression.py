"""The recipe for a number a row of columns."""

import torch
from torch import Tensor

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.judging import boosting, numbers
from training.engine.judging.baseline import Baselines
from training.engine.judging.numbers import NumberScores
from training.engine.tasks import faults
from training.engine.tasks.tables import Split
from training.engine.tasks.text_regression import examine, faults_of_task, loss, plain, said, unit, weights

__all__ = [
    "OUTPUT", "baseline", "examine", "faults_of_rows", "faults_of_task", "judge", "loss", "outputs", "plain", "said",
    "targets", "unit", "weights",
]  # fmt: skip

OUTPUT = "target"


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split, and training rows that all say the same."""
    return faults.of_sizes(splits) + faults.of_one_value(splits["train"], "target")


def outputs(task: TaskSpec) -> tuple[str, ...]:
    return (OUTPUT,)


def targets(task: TaskSpec, rows: Rows) -> Tensor:
    """(N, 1) float32, in the customer's unit."""
    return torch.tensor(rows["target"], dtype=torch.float32)[:, None]


def judge(task: TaskSpec, truth: Tensor, logits: Tensor) -> NumberScores:
    return numbers.scores(truth[:, 0].double().numpy(), logits[:, 0].double().numpy())


def baseline(task: TaskSpec, splits: dict[str, Split], *, seed: int) -> Baselines:
    train, validation = (
        (splits[name].cells, splits[name].truth[:, 0].double().numpy()) for name in ("train", "validation")
    )
    return boosting.numbers(train, validation, splits["test"].cells, seed=seed)
