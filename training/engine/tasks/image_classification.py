"""The recipe for one label a picture: learnt and judged as one label a text is."""

from dataclasses import replace

from torch import Tensor

from training.engine.data.pictures import PictureView, published_view
from training.engine.data.reading import Rows
from training.engine.data.seeing import Media
from training.engine.judging import looks
from training.engine.judging.baseline import Baselines
from training.engine.judging.looks import Features
from training.engine.judging.looks import of_pictures as features
from training.engine.judging.mirroring import MOST, harmless
from training.engine.model import vision
from training.engine.model.base import Base
from training.engine.model.vision import inspect_pictures as inspect
from training.engine.tasks.text_classification import (
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

BASELINE = "edges and colours + linear classifier"


def view(base: Base, train: Rows, *, threads: int) -> PictureView:
    return vision.view_of(base)


def settled(view: PictureView, train: Media, truth: Tensor) -> PictureView:
    seen, known = train.of(list(range(min(len(train), MOST)))), truth.numpy()[:MOST]
    return replace(view, mirrored=harmless(seen, known, lambda *rows: looks.classes(BASELINE, *rows).best))


def baseline(shown: Features, truth: Tensor, asked: Features) -> Baselines:
    return looks.classes(BASELINE, shown, truth.numpy(), asked)
