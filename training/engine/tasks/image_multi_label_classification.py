"""The recipe for any number of labels a picture: learnt and judged as several labels a text are."""

from torch import Tensor

from training.engine.judging import looks
from training.engine.judging.baseline import Baselines
from training.engine.judging.looks import Features
from training.engine.tasks.image_classification import BASELINE, features, inspect, view
from training.engine.tasks.multi_label_classification import (
    examine,
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


def baseline(name: str, shown: Features, truth: Tensor, asked: Features) -> Baselines:
    return looks.several(name, shown, truth.bool().numpy(), asked)
