"""The family of kinds that read what happened, in order: what they share. Each recipe is a module beside this.

Which items are known the training rows say, the model starts at random (`model.sequential`), and what is published is
asked by plain onnxruntime; it is judged so, too.
"""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn
from transformers import PretrainedConfig

from contracts.codec import to_json
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import TaskSpec
from training.engine import telling
from training.engine.data import histories
from training.engine.data.histories import Histories, Piece, batch
from training.engine.data.order import bucketed, by_length, within_budget
from training.engine.data.reading import Rows
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, Judged, score
from training.engine.loop import Validated
from training.engine.model import files, portable, sequential
from training.engine.model.base import Base
from training.engine.model.portable import Portable
from training.engine.model.sequential import Sequential, Shape
from training.engine.settings import Habits, Settings
from training.engine.tasks import faults
from training.engine.voice import Voice

SHAPE = "sequence-small"
HABITS = Habits(rates={"full": 2e-3}, width=sequential.WIDTH, wanted=20_000, epochs=(5, 60), bfloat16=False)
STEPS_AT_ONCE = 16_384  # in one pass: ~150 MB of activations; larger batches go in parts
LOGITS_AT_ONCE = 8_000_000  # in one pass, where a step has one for each item
PIECES_AT_ONCE = 64  # in one pass without gradients
DROPOUT = 0.2  # histories are few and items many: without it, rows are learnt by heart
FEW = 3  # pieces that the exporter is shown
NOTHING = -1  # of a step that nothing is asked of

Answers = Callable[[dict[str, Tensor]], Tensor]  # a model: its inputs by name to logits


@dataclass(frozen=True, kw_only=True)
class Split:
    """`pieces`: that the histories are read in; `truth`: (T,) what each step should answer, or `NOTHING`."""

    rows: Rows
    histories: Histories
    pieces: list[Piece]
    truth: Tensor


class Recipe(Protocol):
    """A module of this room."""

    OUTCOMES: bool  # whether rows tell how items went, which is then what is foretold
    LEAST: int  # the least truth that is learnt: below it nothing is known

    def faults_of_rows(self, splits: dict[str, Rows], /) -> list[Fault]: ...

    def truth(self, found: Histories, /) -> Tensor:
        """That of a `Split`."""

    def loss(self, logits: Tensor, truth: Tensor, /) -> Tensor:
        """Summed over steps, nats. `logits`: (K, ...)."""

    def kept(self, logits: Tensor, truth: Tensor, /) -> Tensor:
        """(K,) what of a step's logits is judged."""

    def judge(self, split: Split, said: Tensor, items: int, /) -> Judged:
        """`said`: (T,) what was kept."""

    def baseline(self, train: Split, test: Split, items: int, /) -> Baselines: ...

    def examine(self, task: TaskSpec, said: dict[str, tuple[Split, Tensor]], plain: Baselines, items: int, /) -> Detail:
        """`said`: of validation and test."""


@dataclass(frozen=True)
class Sequences:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = HABITS

    def inspect(self, base: BaseModel) -> Base:
        if base.shape != SHAPE:
            message = f"The base model {echo(base.name)} reads no sequences; {SHAPE} does, which starts at random."
            raise Problem("wrong_base_for_task", message, param="base")
        return Base(spec=base, config=PretrainedConfig(), positions=0, layers=sequential.LAYERS, width=sequential.WIDTH)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return faults.of_metric(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        """Too few rows in a split or too short ones, and items that never come again."""
        found = faults.of_sizes(splits)
        for name, rows in splits.items():
            if len(rows) and max(map(len, rows["items"])) < 2:
                message = f"No row of the {name} split has more than one item: nothing comes before another there."
                found.append(Fault(code="too_short", message=message, param="items"))
        if not histories.known(splits["train"]["items"]):
            message = "Every item stands once only in the training rows: nothing can be learnt of any."
            found.append(Fault(code="no_items", message=message, param="items"))
        return found + self.recipe.faults_of_rows(splits)

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Lived":
        recipe, items = self.recipe, histories.known(rows["train"]["items"])
        splits = dict[str, Split]()
        for name, one in rows.items():
            read = histories.read(items, one["items"], one["outcomes"] if recipe.OUTCOMES else None)
            splits[name] = Split(
                rows=one, histories=read, pieces=histories.pieces(read), truth=recipe.truth(read)
            )  # fmt: skip
        telling.lived(voice, len(items), {name: split.histories for name, split in splits.items()})
        telling.phase(voice, "loading", 1, 3)
        model = Sequential(Shape(items=len(items), outcomes=recipe.OUTCOMES))
        telling.phase(voice, "loading", 3, 3)
        return Lived(recipe=recipe, spec=spec, settings=chosen, items=items, splits=splits, model=model)


@dataclass(frozen=True, kw_only=True)
class Lived:
    """A `Work`: rows of what happened, in order. Its training rows are pieces of them."""

    recipe: Recipe
    spec: FineTuneSpec
    settings: Settings
    items: tuple[str, ...]
    splits: dict[str, Split]
    model: Sequential

    @property
    def module(self) -> nn.Module:
        return self.model

    @property
    def size(self) -> int:
        return len(self.splits["train"].pieces)

    def order(self, epoch: int) -> list[list[int]]:
        sizes = _sizes(self.splits["train"].pieces)
        return bucketed(sizes, batch_size=self.settings.batch_size, seed=self.settings.seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return within_budget(rows, _sizes(self.splits["train"].pieces), tokens=max(1, self._most() // shrink))

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        split = self.splits["train"]
        some = batch(split.histories, [split.pieces[row] for row in part])
        logits = self.model(**some.given, dropout=DROPOUT).flatten(0, 1)[some.places]
        truth = split.truth[some.asked]
        learnt = truth >= self.recipe.LEAST
        asked = sum(int((split.truth[piece.asked : piece.end] >= self.recipe.LEAST).sum()) for piece in (
            split.pieces[row] for row in whole
        ))  # fmt: skip
        return self.recipe.loss(logits[learnt], truth[learnt]) / max(1, asked)

    def validate(self) -> Validated:
        split, recipe = self.splits["validation"], self.recipe
        said, loss = self._answered(split, lambda given: self.model(**given))
        judged = recipe.judge(split, said, len(self.items))
        return Validated(score=score(judged, self.spec.task.metric), values={"loss": loss, **judged.values()})

    def baseline(self) -> Baselines:
        return self.recipe.baseline(self.splits["train"], self.splits["test"], len(self.items))

    def publish(self, folder: Path) -> None:
        """model.onnx, which needs nothing of ours; the same as config.json and model.safetensors; items.json, by which
        items become what both are asked with; task.json."""
        copied = deepcopy(self.model)  # exporting leaves it otherwise than training
        files.save(copied, copied.shape, folder)
        train = self.splits["train"]
        few = sorted(train.pieces, key=lambda piece: piece.start - piece.end)[:FEW]
        portable.export(copied, batch(train.histories, few).given, folder / portable.FILE, output="logits", free=2)
        (folder / "items.json").write_bytes(to_json({"items": self.items, "read": histories.READ}))
        (folder / "task.json").write_bytes(to_json(self.spec.task))

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        published = Portable(folder / portable.FILE, threads=self.settings.threads)
        said = {}
        for done, name in enumerate(("validation", "test"), start=1):
            split = self.splits[name]
            said[name] = split, self._answered(split, published.answers)[0]
            telling.phase(voice, "evaluating", done, 2)
        return self.recipe.examine(self.spec.task, said, plain, len(self.items))

    def _answered(self, split: Split, answers: Answers) -> tuple[Tensor, float]:
        """(T,) what is kept of each step's answer, and the mean loss of those that are learnt."""
        said, loss = torch.zeros(len(split.truth)), 0.0
        sizes = _sizes(split.pieces)
        with torch.inference_mode():
            for rows in by_length(sizes, batch_size=PIECES_AT_ONCE):
                for part in within_budget(rows, sizes, tokens=self._most()):
                    some = batch(split.histories, [split.pieces[row] for row in part])
                    logits, truth = answers(some.given).flatten(0, 1)[some.places], split.truth[some.asked]
                    said[some.asked] = self.recipe.kept(logits, truth).float()
                    learnt = truth >= self.recipe.LEAST
                    loss += float(self.recipe.loss(logits[learnt], truth[learnt]))
        return said, loss / max(1, int((split.truth >= self.recipe.LEAST).sum()))

    def _most(self) -> int:
        """Steps in one pass."""
        return STEPS_AT_ONCE if self.recipe.OUTCOMES else min(STEPS_AT_ONCE, LOGITS_AT_ONCE // len(self.items))


def _sizes(pieces: list[Piece]) -> list[int]:
    return [piece.end - piece.start for piece in pieces]
