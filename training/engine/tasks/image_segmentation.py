"""The recipe for a class for every pixel of a picture: semantic segmentation."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from contracts.codec import to_json
from contracts.fine_tune import BaseModel
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data import masks
from training.engine.data.masks import VOID, Mask
from training.engine.data.pictures import PictureView
from training.engine.data.reading import Rows
from training.engine.data.seeing import contents_of
from training.engine.data.windows import Window
from training.engine.judging import colours, segments
from training.engine.judging.baseline import Baselines
from training.engine.judging.mirroring import FEWEST
from training.engine.judging.segments import PixelScores, Segments
from training.engine.model import segmenter, vision
from training.engine.model.base import Base
from training.engine.model.segmenter import Segmenter
from training.engine.settings import Habits
from training.engine.tasks import faults
from training.engine.tasks.scenes import Answer, Options, Split, as_onnx, by_onnx, fitted

__all__ = [
    "HABITS", "baseline", "examine", "faults_of_rows", "faults_of_task", "inspect", "judge", "load", "mirrors", "moved",
    "named", "opened", "options", "publish", "truth", "view",
]  # fmt: skip

HABITS = Habits(
    rates={"full": 2e-4}, width=256, wanted=5_000, epochs=(5, 50),
    anew=Habits(rates={"full": 4e-3}, width=128, wanted=6_000, epochs=(10, 60)),
)  # fmt: skip
READER = "SegformerImageProcessor"  # of transformers; brings answers to the picture's size, too
ASIDE = 4.0  # standard errors from the middle: a class that lies there does not do so by chance


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    base = segmenter.inspect(spec)
    vision.view_of(base)
    return base


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    return faults.of_sizes(splits)


def named(task: TaskSpec, train: Rows) -> TaskSpec:
    """With the greys of the training masks as its labels."""
    return replace(task, labels=masks.classes_of(train))


def view(base: Base, train: Rows) -> PictureView:
    return fitted(train) if base.spec.shape is not None else vision.view_of(base)


def truth(task: TaskSpec, rows: Rows, view: PictureView) -> list[Mask]:
    return masks.read(rows, task.labels, view.size)


def mirrors(train: Split) -> bool:
    """Whether no class lies on one side more than chance explains."""
    return len(train.rows) >= FEWEST and colours.sided(train.truth) < ASIDE


def moved(truth: Mask, window: Window) -> Mask:
    return window.on(truth, beyond=VOID)


def load(base: Base, task: TaskSpec, train: Sequence[Mask]) -> Segmenter:
    return segmenter.load(base, task.labels)


def judge(task: TaskSpec, split: Split, answers: Tensor) -> PixelScores:
    """At the size that the model sees."""
    return segments.scores(segments.counted(split.truth, answers.numpy(), len(task.labels)))


def options(task: TaskSpec, split: Split, answers: Tensor) -> Options:
    return {}


def baseline(task: TaskSpec, splits: dict[str, Split]) -> Baselines:
    train, test = splits["train"], splits["test"]
    shown = zip((seen for (seen,) in train.media.each(1)), train.truth, strict=True)
    return colours.judge(shown, (seen for (seen,) in test.media.each(1)), classes=len(task.labels))


def publish(model: Segmenter, view: PictureView, folder: Path) -> None:
    """A model of transformers as it loads it; a small one as model.onnx, which needs nothing of ours, and the same as
    config.json and model.safetensors."""
    model.save(folder)
    said = view.document()
    if model.small:
        as_onnx(model, view, folder, output="classes")
    else:
        said |= {"image_processor_type": READER, "do_reduce_labels": False}
    (folder / "preprocessor_config.json").write_bytes(to_json(said))


def opened(base: Base, folder: Path, *, threads: int) -> Answer:
    return segmenter.opened(folder) if base.spec.shape is None else by_onnx(folder, threads=threads)


def examine(task: TaskSpec, split: Split, answers: Tensor, plain: Baselines) -> Segments:
    """At the masks' own size."""
    whole, contents = masks.whole(split.rows, task.labels), contents_of(split.rows, "image")
    return segments.examine(task, whole, list(answers.numpy()), plain, split.rows.numbers, contents)
