"""The recipe for any number of labels a picture: learnt and judged as several labels a text are."""

from dataclasses import replace

from torch import Tensor

from training.engine.data.pictures import PictureView
from training.engine.data.seeing import Media
from training.engine.judging import looks
from training.engine.judging.baseline import Baselines
from training.engine.judging.looks import Features
from training.engine.judging.mirroring import MOST, harmless
from training.engine.tasks.image_classification import BASELINE, features, inspect, published_view, view
from training.engine.tasks.multi_label_classification import (
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


def settled(view: PictureView, train: Media, truth: Tensor) -> PictureView:
    seen, known = train.of(list(range(min(len(train), MOST)))), truth.bool().numpy()[:MOST]
    return replace(view, mirrored=harmless(seen, known, lambda *rows: looks.several(BASELINE, *rows).best))


def baseline(shown: Features, truth: Tensor, asked: Features) -> Baselines:
    return looks.several(BASELINE, shown, truth.bool().numpy(), asked)
