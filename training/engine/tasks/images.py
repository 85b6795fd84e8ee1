"""The family of kinds that look at pictures: what they share. A sound is the picture of its spectrum over time.

A recipe, a module beside this, says what is learnt of them and how answers are judged; the loss is that of the same
answers about texts. The base is any that transformers classifies pictures with, or a small one that starts at random.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn
from transformers import PreTrainedModel

from contracts.codec import from_json, to_json
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec, form_of
from training.engine import publish, telling
from training.engine.data.order import shuffled
from training.engine.data.reading import Rows
from training.engine.data.seeing import AT_ONCE, Media, Seen, View, look, varied
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, Judged, score
from training.engine.judging.learning import Learner
from training.engine.judging.looks import Features
from training.engine.judging.said import Said
from training.engine.loop import Validated
from training.engine.model import vision
from training.engine.model.base import Base
from training.engine.model.precision import autocast, native_bfloat16
from training.engine.settings import Habits, Settings
from training.engine.voice import Voice

VIEW = "preprocessor_config.json"
PIXELS_AT_ONCE = 1 << 20  # in one pass: 20 pictures of 224 by 224; longer batches go in parts
# At random a small model learns long and in large steps; what was learnt before is only adjusted.
PICTURES = Habits(
    rates={"full": 2e-3}, width=192, wanted=10_000, epochs=(3, 20),
    anew=Habits(rates={"full": 6e-3}, width=256, wanted=45_000, epochs=(5, 60)),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Split:
    """`truth`: (N, ...) a row a picture."""

    rows: Rows
    media: Media
    truth: Tensor


class Recipe(Protocol):
    """A module of this room."""

    def inspect(self, base: BaseModel, /) -> Base: ...

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows], /) -> list[Fault]: ...

    def outputs(self, task: TaskSpec, /) -> tuple[str, ...]:
        """Names, one an output of the head."""

    def view(self, base: Base, train: Rows, /, *, threads: int) -> View:
        """How a file of this kind becomes a picture."""

    def published_view(self, document: dict[str, Any], /) -> View:
        """The view whose `document` that is."""

    def settled(self, view: Any, train: Media, truth: Tensor, /) -> View:
        """The view with what only files and answers together can tell: whether they may be mirrored."""

    def targets(self, task: TaskSpec, rows: Rows, /) -> Tensor:
        """The truth of a `Split`."""

    def weights(self, task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor, /) -> Tensor | None:
        """What a row of each class counts in the loss, or None."""

    def loss(self, logits: Tensor, truth: Tensor, /, *, smoothing: float, weights: Tensor | None) -> Tensor:
        """Mean over the rows of `logits`."""

    def judge(self, task: TaskSpec, split: Split, logits: Tensor, /) -> Judged: ...

    def said(self, task: TaskSpec, split: Split, logits: Tensor, /) -> Said: ...

    def plain(self, task: TaskSpec, split: Split, found: Baselines, /) -> Said:
        """What `baseline` found, as `said`."""

    def features(self, seen: Seen, /) -> Features:
        """What the baseline measures of each picture."""

    def baseline(self, shown: Features, truth: Tensor, asked: Features, /) -> Baselines:
        """`shown`, `asked`: of train and test."""

    def examine(self, task: TaskSpec, answered: Mapping[str, tuple[Split, Tensor]], plain: Baselines, /) -> Detail:
        """`answered`: validation and test, each with its logits."""


@dataclass(frozen=True)
class Images:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = PICTURES

    def inspect(self, base: BaseModel) -> Base:
        return self.recipe.inspect(base)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        return self.recipe.faults_of_rows(task, splits)

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Looking":
        recipe, task = self.recipe, spec.task
        # 1. files to pictures, answers to tensors; what cannot be decoded ends the job here
        view = recipe.view(base, rows["train"], threads=chosen.threads)
        splits = {name: _split(recipe, task, one, view, threads=chosen.threads) for name, one in rows.items()}
        train = splits["train"]
        view = recipe.settled(view, train.media, train.truth)
        weights = recipe.weights(task, chosen.class_weights, train.truth)
        telling.weighted(voice, recipe.outputs(task), weights)
        telling.seen(voice, view)
        telling.phase(voice, "loading", 1, 3)
        # 2. the base model with a fresh head
        model = vision.load(base, recipe.outputs(task))
        telling.phase(voice, "loading", 3, 3)
        return Looking(
            recipe=recipe, spec=spec, settings=chosen, model=model, view=view, splits=splits, weights=weights
        )

    def opened(self, folder: Path, *, threads: int) -> "Published":
        document = from_json((folder / VIEW).read_bytes(), dict[str, Any])
        return Published(
            recipe=self.recipe, task=publish.task_of(folder), model=_opened(folder),
            view=self.recipe.published_view(document), bfloat16=native_bfloat16(), threads=threads,
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Published:
    """A `kind.Published`."""

    recipe: Recipe
    task: TaskSpec
    model: Any
    view: View
    bfloat16: bool
    threads: int

    def answers(self, rows: Rows, metric: str) -> Said:
        split = _split(self.recipe, self.task, rows, self.view, threads=self.threads)
        logits = answered(self.model, split, self.view, bfloat16=self.bfloat16)
        return self.recipe.said(replace(self.task, metric=metric), split, logits)


@dataclass(kw_only=True)
class Looking:
    """A `Work`. `epoch`: the one that is being shown, as it decides how its pictures are varied."""

    recipe: Recipe
    spec: FineTuneSpec
    settings: Settings
    model: PreTrainedModel
    view: View
    splits: dict[str, Split]
    weights: Tensor | None
    epoch: int = 0

    @property
    def module(self) -> nn.Module:
        return self.model

    @property
    def size(self) -> int:
        return len(self.splits["train"].rows)

    def order(self, epoch: int) -> list[list[int]]:
        self.epoch = epoch
        return shuffled(self.size, batch_size=self.settings.batch_size, seed=self.settings.seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        size = max(1, fitting(self.view) // shrink)
        return [rows[start : start + size] for start in range(0, len(rows), size)]

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        train = self.splits["train"]
        seen = varied(train.media.of(part), part, self.view, seed=self.settings.seed, epoch=self.epoch)
        with autocast(self.settings.bfloat16):
            logits = self.model(pixel_values=pixels(seen, self.view)).logits
        return self._loss(logits, train.truth[part]) * (len(part) / len(whole))

    def validate(self) -> Validated:
        split = self.splits["validation"]
        logits = self._answers(self.model, split)
        loss = self._loss(logits, split.truth)
        judged = self.recipe.judge(self.spec.task, split, logits)
        return Validated(score=score(judged, self.spec.task.metric), values={"loss": float(loss), **judged.values()})

    def baseline(self) -> Baselines:
        shown, asked = self._measured
        return self.recipe.baseline(shown, self.splits["train"].truth, asked)

    def plainly(self) -> Learner:
        (measured, asked), train, test = self._measured, self.splits["train"], self.splits["test"]

        def learnt(shown: list[int]) -> Said:
            found = self.recipe.baseline(measured[shown], train.truth[shown], asked)
            return self.recipe.plain(self.spec.task, test, found)

        return learnt

    def publish(self, folder: Path) -> None:
        publish.write_model(folder, model=self.model, task=self.spec.task)
        (folder / VIEW).write_bytes(to_json(self.view.document()))

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        published, said = _opened(folder), dict[str, tuple[Split, Tensor]]()
        for done, name in enumerate(("validation", "test"), start=1):
            said[name] = self.splits[name], self._answers(published, self.splits[name])
            telling.phase(voice, "evaluating", done, 2)
        return self.recipe.examine(self.spec.task, said, plain)

    @cached_property
    def _measured(self) -> tuple[Features, Features]:
        """What the baseline sees of train and test."""
        shown, asked = (
            np.concatenate([self.recipe.features(seen) for seen in self.splits[name].media.each(AT_ONCE)])
            for name in ("train", "test")
        )
        return shown, asked

    def _loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        return self.recipe.loss(logits, truth, smoothing=self.settings.label_smoothing, weights=self.weights)

    def _answers(self, model: Any, split: Split) -> Tensor:
        return answered(model, split, self.view, bfloat16=self.settings.bfloat16)


def answered(model: Any, split: Split, view: View, *, bfloat16: bool) -> Tensor:
    """(N, outputs) logits, float32, of the pictures as they are."""
    found = []
    with torch.inference_mode(), autocast(bfloat16):
        for seen in split.media.each(fitting(view)):
            found.append(model(pixel_values=pixels(seen, view)).logits.float())
    return torch.cat(found)


def pixels(seen: Seen, view: View) -> Tensor:
    """(N, channels, height, width) float32, as the base has learnt to see them."""
    mean, std = (torch.tensor(one).view(-1, 1, 1) for one in (view.mean, view.std))
    return (torch.from_numpy(np.ascontiguousarray(seen)).permute(0, 3, 1, 2).float() * view.scale - mean) / std


def _split(recipe: Recipe, task: TaskSpec, rows: Rows, view: View, *, threads: int) -> Split:
    """Raises `Problem` where a file cannot be decoded."""
    (role,) = form_of(task.kind, task.form).inputs
    return Split(rows=rows, media=look(rows, role.name, view, threads=threads), truth=recipe.targets(task, rows))


def _opened(folder: Path) -> Any:
    """The published files."""
    return vision.HEAD.from_pretrained(folder, use_safetensors=True).eval()


def fitting(view: View) -> int:
    """Pictures in one pass."""
    height, width, _ = view.shape
    return max(1, PIXELS_AT_ONCE // (height * width))
