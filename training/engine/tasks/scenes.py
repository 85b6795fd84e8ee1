"""The family of kinds that say what is where in a picture: what they share. Each recipe is a module beside this.

Training shows windows on the pictures, and what lies at places moves along. A recipe says what that is, how the model
answers with it and how answers are judged; the model brings its own loss.
"""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from math import ceil
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor, nn

from contracts.codec import from_json, to_json
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine import telling
from training.engine.data import windows
from training.engine.data.order import shuffled
from training.engine.data.pictures import GREY, PictureView
from training.engine.data.reading import Rows
from training.engine.data.seeing import Media, look, measured
from training.engine.data.windows import Window
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, Judged, score
from training.engine.loop import Validated
from training.engine.model import portable
from training.engine.model.base import Base
from training.engine.model.portable import Portable
from training.engine.model.precision import autocast
from training.engine.settings import Habits, Settings
from training.engine.tasks.images import fitting, pixels
from training.engine.voice import Voice

COARSEST = 32  # pixels a side of a cell of the coarsest level of small models
SIDES = (64, 192)  # pixels of the pictures that they look at, at least and at most
FEW = 2  # pictures that the exporter is shown
Options = dict[str, str | int | float | bool]
Answer = Callable[[Tensor], Tensor]  # pictures to a row each


class Seer(Protocol):
    """What a recipe trains; a module."""

    def __call__(self, pixel_values: Tensor, /) -> Tensor:
        """(N, ...) answers."""

    def learn(self, pixel_values: Tensor, truth: Sequence[Any], /) -> tuple[Tensor, Tensor]:
        """Mean loss over the pictures, and the answers."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """`truth`: a picture each."""

    rows: Rows
    media: Media
    truth: Sequence[Any]


class Recipe(Protocol):
    """A module of this room."""

    def inspect(self, base: BaseModel, /) -> Base: ...

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows], /) -> list[Fault]: ...

    def named(self, task: TaskSpec, train: Rows, /) -> TaskSpec:
        """With its labels, where only the rows can tell them."""

    def view(self, base: Base, train: Rows, /) -> PictureView: ...

    def truth(self, task: TaskSpec, rows: Rows, view: PictureView, /) -> Sequence[Any]:
        """Of a `Split`. Raises `Problem` where it cannot be read."""

    def mirrors(self, train: Split, /) -> bool:
        """Whether left and right mean nothing."""

    def moved(self, truth: Any, window: Window, /) -> Any:
        """What is seen of it through the window."""

    def load(self, base: Base, task: TaskSpec, train: Sequence[Any], /) -> Seer: ...

    def judge(self, task: TaskSpec, split: Split, answers: Tensor, /) -> Judged: ...

    def options(self, task: TaskSpec, split: Split, answers: Tensor, /) -> Options:
        """What the validation split says about reading answers; goes into task.json."""

    def baseline(self, task: TaskSpec, splits: dict[str, Split], /) -> Baselines: ...

    def publish(self, model: Any, view: PictureView, folder: Path, /) -> None: ...

    def opened(self, base: Base, folder: Path, /, *, threads: int) -> Answer:
        """What the published files answer."""

    def examine(self, task: TaskSpec, split: Split, answers: Tensor, plain: Baselines, /) -> Detail:
        """`task`: with its options."""


@dataclass(frozen=True)
class Scenes:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits

    def inspect(self, base: BaseModel) -> Base:
        return self.recipe.inspect(base)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        return self.recipe.faults_of_rows(task, splits)

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Placing":
        recipe, task = self.recipe, self.recipe.named(spec.task, rows["train"])
        # 1. files to pictures, answers to what lies where; what cannot be decoded ends the job here
        view = recipe.view(base, rows["train"])
        splits = {}
        for name, one in rows.items():
            media = look(one, "image", view, threads=chosen.threads)
            splits[name] = Split(rows=one, media=media, truth=recipe.truth(task, one, view))
        view = replace(view, mirrored=recipe.mirrors(splits["train"]))
        telling.scenes(voice, view)
        telling.phase(voice, "loading", 1, 3)
        # 2. the base model with a fresh head, or a small one
        model = recipe.load(base, task, splits["train"].truth)
        telling.phase(voice, "loading", 3, 3)
        return Placing(recipe=recipe, task=task, base=base, settings=chosen, model=model, view=view, splits=splits)


@dataclass(kw_only=True)
class Placing:
    """A `Work`. `epoch`: the one that is being shown, as it decides which windows are."""

    recipe: Recipe
    task: TaskSpec
    base: Base
    settings: Settings
    model: Any
    view: PictureView
    splits: dict[str, Split]
    epoch: int = 0

    @property
    def module(self) -> nn.Module:
        module: nn.Module = self.model
        return module

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
        through = [self._window(row) for row in part]
        seen = [window.on(one, beyond=GREY) for window, one in zip(through, train.media.of(part), strict=True)]
        truth = [self.recipe.moved(train.truth[row], window) for row, window in zip(part, through, strict=True)]
        return self._learnt(np.stack(seen), truth)[0] * (len(part) / len(whole))

    def validate(self) -> Validated:
        split, size, losses, answers = self.splits["validation"], fitting(self.view), list[float](), list[Tensor]()
        with torch.inference_mode():
            for start, seen in zip(range(0, len(split.rows), size), split.media.each(size), strict=True):
                loss, answer = self._learnt(seen, split.truth[start : start + size])
                losses.append(float(loss) * len(seen))
                answers.append(answer)
        judged = self.recipe.judge(self.task, split, torch.cat(answers))
        values = {"loss": sum(losses) / len(split.rows), **judged.values()}
        return Validated(score=score(judged, self.task.metric), values=values)

    def baseline(self) -> Baselines:
        return self.recipe.baseline(self.task, self.splits)

    def publish(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        split = self.splits["validation"]
        options = self.recipe.options(self.task, split, self._answers(self.model, split))
        self.recipe.publish(deepcopy(self.model), self.view, folder)  # exporting leaves it otherwise than training
        task = replace(self.task, options={**self.task.options, **options})
        (folder / "task.json").write_bytes(to_json(task))

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        published = self.recipe.opened(self.base, folder, threads=self.settings.threads)
        telling.phase(voice, "evaluating", 1, 2)
        task, split = from_json((folder / "task.json").read_bytes(), TaskSpec), self.splits["test"]
        answers = self._answers(published, split)
        telling.phase(voice, "evaluating", 2, 2)
        return self.recipe.examine(task, split, answers, plain)

    def _window(self, row: int) -> Window:
        """The same in a resumed training and in any order."""
        chance = np.random.default_rng((self.settings.seed, self.epoch, row))
        return windows.drawn(chance, mirrors=self.view.mirrored)

    def _learnt(self, seen: Any, truth: Sequence[Any]) -> tuple[Tensor, Tensor]:
        with autocast(self.settings.bfloat16):
            found: tuple[Tensor, Tensor] = self.model.learn(pixels(seen, self.view), truth)
        return found

    def _answers(self, answer: Answer, split: Split) -> Tensor:
        """(N, ...) of the pictures as they are."""
        with torch.inference_mode(), autocast(self.settings.bfloat16):
            return torch.cat([answer(pixels(seen, self.view)) for seen in split.media.each(fitting(self.view))])


def as_onnx(model: nn.Module, view: PictureView, folder: Path, *, output: str) -> None:
    """model.onnx of a small model, which needs nothing of ours."""
    few = {"pixel_values": torch.zeros(FEW, 3, *view.size)}
    portable.export(model, few, folder / portable.FILE, output=output)


def by_onnx(folder: Path, *, threads: int) -> Answer:
    published = Portable(folder / portable.FILE, threads=threads)
    return lambda pixel_values: published.answers({"pixel_values": pixel_values})


def unchanged(task: TaskSpec, train: Rows) -> TaskSpec:
    """Of a recipe whose tasks have labels."""
    return task


def fitted(train: Rows) -> PictureView:
    """For a model that starts at random: as large as most training pictures are, within what it looks at."""
    longer = map(max, measured(train, "image", "width"), measured(train, "image", "height"))
    side = min(max(ceil(median(longer) / COARSEST) * COARSEST, SIDES[0]), SIDES[1])
    return PictureView(size=(side, side), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))
