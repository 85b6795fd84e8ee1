"""The family of kinds that read the columns of a row: what they share. Each recipe is a module beside this.

The columns are learnt from the training rows, the model starts at random (`model.tabular`), and what is published is
asked by plain onnxruntime; it is judged so, too.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from transformers import PretrainedConfig

from contracts.codec import from_json, to_json
from contracts.columns import FILE, OTHER, Columns
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import TaskSpec
from training.engine import publish, telling
from training.engine.data import columns
from training.engine.data.columns import Cells
from training.engine.data.order import shuffled
from training.engine.data.reading import Rows
from training.engine.judging import importance
from training.engine.judging.baseline import Baselines
from training.engine.judging.classes import Classes
from training.engine.judging.compared import Judged, score
from training.engine.judging.learning import Learner
from training.engine.judging.numbers import Numbers
from training.engine.judging.said import Said
from training.engine.loop import Validated
from training.engine.model import files, portable, tabular
from training.engine.model.base import Base
from training.engine.model.portable import Portable
from training.engine.model.tabular import Tabular
from training.engine.settings import Habits, Settings
from training.engine.tasks.units import Unit
from training.engine.voice import Voice

SHAPE = "tabular-small"
HABITS = Habits(rates={"full": 2e-3}, width=tabular.WIDTH, wanted=15_000, epochs=(5, 60), bfloat16=False)
CELLS_AT_ONCE = 32_768  # in one pass: ~100 MB of activations; larger batches go in parts
ROWS_AT_ONCE = 1_024  # in one pass without gradients
DROPOUT = 0.15  # tables are small and their labels noisy: without it, training rows are learnt by heart
FEW = 3  # rows that the exporter is shown


@dataclass(frozen=True, kw_only=True)
class Split:
    """`truth`: (N, ...) a row a row."""

    rows: Rows
    cells: Cells
    truth: Tensor


class Recipe(Protocol):
    """A module of this room."""

    OUTPUT: str  # the name of what the published file answers

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows], /) -> list[Fault]: ...

    def outputs(self, task: TaskSpec, /) -> tuple[str, ...]:
        """Names, one an output of the head."""

    def targets(self, task: TaskSpec, rows: Rows, /) -> Tensor:
        """The truth of a `Split`."""

    def unit(self, truth: Tensor, /) -> Unit | None:
        """Of numbers, what they are learnt in; None where the truth is learnt as it is."""

    def weights(self, task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor, /) -> Tensor | None:
        """What a row of each class counts in the loss, or None."""

    def loss(self, logits: Tensor, truth: Tensor, /, *, smoothing: float, weights: Tensor | None) -> Tensor:
        """Mean over the rows of `logits`."""

    def judge(self, task: TaskSpec, truth: Tensor, logits: Tensor, /) -> Judged: ...

    def said(self, task: TaskSpec, split: Split, logits: Tensor, /) -> Said: ...

    def plain(self, task: TaskSpec, split: Split, found: Baselines, /) -> Said:
        """What `baseline` found, as `said`."""

    def baseline(self, task: TaskSpec, splits: dict[str, Split], /, *, seed: int) -> Baselines: ...

    def examine(
        self, task: TaskSpec, answered: dict[str, tuple[Split, Tensor]], plain: Baselines, /
    ) -> Classes | Numbers:
        """`answered`: validation and test, each with its logits."""


@dataclass(frozen=True)
class Tables:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = HABITS

    def inspect(self, base: BaseModel) -> Base:
        if base.shape != SHAPE:
            message = f"The base model {echo(base.name)} reads no columns; {SHAPE} does, which starts at random."
            raise Problem("wrong_base_for_task", message, param="base")
        return Base(spec=base, config=PretrainedConfig(), positions=0, layers=tabular.LAYERS, width=tabular.WIDTH)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        found = self.recipe.faults_of_rows(task, splits)
        if not columns.learn(splits["train"].frame["features"]).used:
            message = "Every column says the same in all training rows, or something else in each: nothing to learn."
            found.append(Fault(code="no_columns", message=message, param="features"))
        return found

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Tabled":
        recipe, task = self.recipe, spec.task
        # 1. columns to tensors, as the training rows say
        learnt = columns.learn(rows["train"].frame["features"])
        telling.columns(voice, learnt)
        splits = {name: _split(recipe, task, learnt, one) for name, one in rows.items()}
        train = splits["train"]
        weights = recipe.weights(task, chosen.class_weights, train.truth)
        telling.weighted(voice, recipe.outputs(task), weights)
        telling.phase(voice, "loading", 1, 3)
        # 2. the model, at random
        sizes = tuple(OTHER + 1 + len(one.values) for one in learnt.categories)
        model = tabular.made(train.cells.numbers, sizes, outputs=len(recipe.outputs(task)))
        telling.phase(voice, "loading", 3, 3)
        return Tabled(
            recipe=recipe, spec=spec, settings=chosen, columns=learnt, splits=splits, model=model,
            unit=recipe.unit(train.truth), weights=weights,
        )  # fmt: skip

    def opened(self, folder: Path, *, threads: int) -> "Published":
        return Published(
            recipe=self.recipe, task=publish.task_of(folder),
            columns=from_json((folder / FILE).read_bytes(), Columns),
            model=Portable(folder / portable.FILE, threads=threads),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Published:
    """A `kind.Published`."""

    recipe: Recipe
    task: TaskSpec
    columns: Columns
    model: Portable

    def answers(self, rows: Rows, metric: str) -> Said:
        split = _split(self.recipe, self.task, self.columns, rows)
        return self.recipe.said(replace(self.task, metric=metric), split, self.model.answers(given(split.cells)))


@dataclass(frozen=True, kw_only=True)
class Tabled:
    """A `Work`: rows whose columns are read."""

    recipe: Recipe
    spec: FineTuneSpec
    settings: Settings
    columns: Columns
    splits: dict[str, Split]
    model: Tabular
    unit: Unit | None
    weights: Tensor | None

    @property
    def module(self) -> nn.Module:
        return self.model

    @property
    def size(self) -> int:
        return len(self.splits["train"].rows)

    def order(self, epoch: int) -> list[list[int]]:
        return shuffled(self.size, batch_size=self.settings.batch_size, seed=self.settings.seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        shape = self.model.shape
        most = max(1, CELLS_AT_ONCE // shrink // (1 + shape.numbers + len(shape.categories)))
        return [rows[start : start + most] for start in range(0, len(rows), most)]

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        split = self.splits["train"]
        logits, truth = self.model(**given(split.cells.of(part)), dropout=DROPOUT), split.truth[part]
        return self._loss(logits, truth if self.unit is None else self.unit.inward(truth)) * (len(part) / len(whole))

    def validate(self) -> Validated:
        split = self.splits["validation"]
        with torch.inference_mode():
            rows = range(0, len(split.cells), ROWS_AT_ONCE)
            parts = [split.cells.of(list(range(start, min(start + ROWS_AT_ONCE, len(split.cells))))) for start in rows]
            logits = torch.cat([self.model(**given(part)) for part in parts])
        truth, unit = split.truth, self.unit
        learnt, said = (truth, logits) if unit is None else (unit.inward(truth), unit.outward(logits))
        judged = self.recipe.judge(self.spec.task, truth, said)
        values = {"loss": float(self._loss(logits, learnt)), **judged.values()}
        return Validated(score=score(judged, self.spec.task.metric), values=values)

    def baseline(self) -> Baselines:
        return self.recipe.baseline(self.spec.task, self.splits, seed=self.spec.seed)

    def plainly(self) -> Learner:
        train, test = self.splits["train"], self.splits["test"]

        def learnt(shown: list[int]) -> Said:
            some = Split(rows=train.rows.of(shown), cells=train.cells.of(shown), truth=train.truth[shown])
            found = self.recipe.baseline(self.spec.task, {**self.splits, "train": some}, seed=self.spec.seed)
            return self.recipe.plain(self.spec.task, test, found)

        return learnt

    def publish(self, folder: Path) -> None:
        """model.onnx, which needs nothing of ours; the same as config.json and model.safetensors; columns.json, by
        which a row becomes what both are asked with; task.json."""
        copied = deepcopy(self.model)
        if self.unit is not None:
            self.unit.fold(copied)
        files.save(copied, copied.shape, folder)
        few = given(self.splits["train"].cells.of(list(range(FEW))))
        portable.export(copied, few, folder / portable.FILE, output=self.recipe.OUTPUT)
        (folder / FILE).write_bytes(to_json(self.columns))
        (folder / "task.json").write_bytes(to_json(self.spec.task))

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Classes | Numbers:
        published, task = Portable(folder / portable.FILE, threads=self.settings.threads), self.spec.task
        answered = {}
        for done, name in enumerate(("validation", "test"), start=1):
            split = self.splits[name]
            answered[name] = split, published.answers(given(split.cells))
            telling.phase(voice, "evaluating", done, 2)
        worth = importance.judge(self.columns.used, *self._scored(published.answers))
        return replace(self.recipe.examine(task, answered, plain), importance=worth)

    def _scored(
        self, answers: Callable[[dict[str, Tensor]], Tensor]
    ) -> tuple[int, Callable[[str | None, NDArray[np.int64]], float]]:
        """How many test rows, and what they score where a column's cells come in another order."""
        split, task = self.splits["test"], self.spec.task
        shown = list(range(importance.affordable(len(self.columns.used), len(split.cells))))
        cells, truth = split.cells.of(shown), split.truth[shown]

        def scored(column: str | None, order: NDArray[np.int64]) -> float:
            asked = cells if column is None else columns.exchanged(
                self.columns, cells, column, torch.from_numpy(order)
            )  # fmt: skip
            return score(self.recipe.judge(task, truth, answers(given(asked))), task.metric)

        return len(shown), scored

    def _loss(self, logits: Tensor, truth: Tensor) -> Tensor:
        smoothing = self.settings.label_smoothing
        return self.recipe.loss(logits, truth, smoothing=smoothing, weights=self.weights)


def given(cells: Cells) -> dict[str, Tensor]:
    """The model's inputs by name; what a table has none of is left out."""
    both = {"numbers": cells.numbers, "codes": cells.codes}
    return {name: one for name, one in both.items() if one.shape[1]}


def _split(recipe: Recipe, task: TaskSpec, learnt: Columns, rows: Rows) -> Split:
    return Split(rows=rows, cells=columns.read(learnt, rows.frame["features"]), truth=recipe.targets(task, rows))
