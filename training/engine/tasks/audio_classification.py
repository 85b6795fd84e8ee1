"""The recipe for one label a sound: its spectrum over time is a picture, and learnt as one."""

from torch import Tensor

from training.engine.data import sounds
from training.engine.data.reading import Rows
from training.engine.data.seeing import Media, look, measured
from training.engine.data.sounds import SoundView, published_view
from training.engine.judging import looks
from training.engine.judging.baseline import Baselines
from training.engine.judging.looks import Features
from training.engine.judging.looks import of_sounds as features
from training.engine.model.base import Base
from training.engine.model.vision import inspect_sounds as inspect
from training.engine.tasks.image_classification import (
    examine,
    faults_of_rows,
    faults_of_task,
    judge,
    loss,
    outputs,
    plain,
    said,
    targets,
    weights,
)

__all__ = [
    "baseline", "examine", "faults_of_rows", "faults_of_task", "features", "inspect", "judge", "loss", "outputs",
    "plain", "published_view", "said", "settled", "targets", "view", "weights",
]  # fmt: skip

BASELINE = "loudness of each band + linear classifier"


def view(base: Base, train: Rows, *, threads: int) -> SoundView:
    """Its rate and length fit the training sounds, and so do mean and deviation."""
    rough = sounds.view_of(measured(train, "audio", "rate"), measured(train, "audio", "seconds"))
    return sounds.fitted(rough, look(train, "audio", rough, threads=threads))


def settled(view: SoundView, train: Media, truth: Tensor) -> SoundView:
    return view  # a sound played backwards is another one


def baseline(shown: Features, truth: Tensor, asked: Features) -> Baselines:
    return looks.classes(BASELINE, shown, truth.numpy(), asked)
