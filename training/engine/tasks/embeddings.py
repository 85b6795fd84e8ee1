"""The family of kinds that turn each text into a vector, so that likeness is a cosine: what they share.

Bi-encoders (Reimers and Gurevych 2019, arXiv:1908.10084). Each recipe is a module beside this. A text's vector is the
mean of its tokens' last states. Vectors can be kept, and a million of them searched, which one encoder over both texts
of a pair cannot offer.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn
from transformers import AutoModel, PreTrainedTokenizerBase

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine import publish, telling
from training.engine.data.order import by_length, shuffled, within_budget
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens, tokenise
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, Judged, score
from training.engine.judging.said import Said
from training.engine.loop import Validated
from training.engine.model import adapters, pooling
from training.engine.model.base import Base, inspect, load_model, load_tokenizer
from training.engine.model.packed import Packed, encoder_of
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast, native_bfloat16
from training.engine.model.prepare import Trainable, network_of, prepare
from training.engine.settings import VECTORS, Habits, Settings
from training.engine.tasks.texts import TEXTS_AT_ONCE, TOKENS_AT_ONCE
from training.engine.voice import Voice

Options = Mapping[str, str | int | float | bool]  # as `TaskSpec` keeps them
Sides = tuple[Tensor, ...]  # of each role the texts' vectors, (N, width), of length 1


@dataclass(frozen=True, kw_only=True)
class Split:
    """`tokens`: the first texts of all rows, then all second ones, and so on. `truth`: (N, ...)."""

    rows: Rows
    tokens: Tokens
    truth: Tensor


class Recipe(Protocol):
    """A module of this room."""

    SIDES: tuple[str, ...]  # the roles that hold a row's texts

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows], /) -> list[Fault]: ...

    def targets(self, rows: Rows, /) -> Tensor:
        """The truth of a `Split`."""

    def loss(self, sides: Sides, truth: Tensor, /) -> Tensor:
        """Of a whole batch, whose rows are told apart from each other."""

    def options(self, sides: Sides, split: Split, /) -> Options:
        """What the validation split says about reading cosines; goes into task.json."""

    def judge(self, task: TaskSpec, split: Split, sides: Sides, options: Options, /) -> Judged: ...

    def said(self, task: TaskSpec, split: Split, sides: Sides, options: Options, /) -> Said: ...

    def baseline(self, task: TaskSpec, splits: dict[str, Split], untrained: dict[str, Sides], /) -> Baselines:
        """`untrained`: the base's own vectors of validation and test."""

    def examine(self, task: TaskSpec, split: Split, sides: Sides, options: Options, plain: Baselines, /) -> Detail: ...


@dataclass(frozen=True)
class Embeddings:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = VECTORS

    def inspect(self, base: BaseModel) -> Base:
        return inspect(base)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        return self.recipe.faults_of_rows(task, splits)

    def begin(
        self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice
    ) -> "Embedding":
        recipe, tokenizer = self.recipe, load_tokenizer(base)
        # 1. texts to tokens, side by side
        splits = {name: _split(recipe, tokenizer, one, max_length=chosen.max_length) for name, one in rows.items()}
        telling.truncated(voice, {name: split.tokens for name, split in splits.items()}, chosen)
        telling.phase(voice, "loading", 1, 3)
        # 2. the base model, which needs no head
        model = load_model(base, AutoModel, ())
        telling.phase(voice, "loading", 2, 3)
        network = network_of(base, model, tokenizer)
        untrained = {
            name: _sides(network, splits[name].tokens, None, recipe, bfloat16=chosen.bfloat16)
            for name in ("validation", "test")
        }
        both = (splits["train"].tokens, splits["validation"].tokens)
        trainable = prepare(base, model, tokenizer, settings=chosen, tokens=both, shown=[], start=None)
        if base.packable and encoder_of(model).pooler is not None:
            encoder_of(model).pooler.requires_grad_(requires_grad=False)  # reads first tokens, which no vector asks
        telling.phase(voice, "loading", 3, 3)
        return Embedding(
            recipe=recipe, spec=spec, base=base, settings=chosen, tokenizer=tokenizer, trainable=trainable,
            splits=splits, untrained=untrained,
        )  # fmt: skip

    def opened(self, folder: Path, *, threads: int) -> "Published":
        base = inspect(BaseModel(name=folder.name, location=str(folder)))
        tokenizer = load_tokenizer(base)
        model = AutoModel.from_pretrained(folder, use_safetensors=True).eval()
        return Published(
            recipe=self.recipe, task=publish.task_of(folder), tokenizer=tokenizer,
            network=network_of(base, model, tokenizer), bfloat16=native_bfloat16(),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Published:
    """A `kind.Published`."""

    recipe: Recipe
    task: TaskSpec
    tokenizer: PreTrainedTokenizerBase
    network: Packed | Padded
    bfloat16: bool

    def answers(self, rows: Rows, metric: str) -> Said:
        split = _split(self.recipe, self.tokenizer, rows, max_length=self.tokenizer.model_max_length)
        sides = _sides(self.network, split.tokens, None, self.recipe, bfloat16=self.bfloat16)
        return self.recipe.said(replace(self.task, metric=metric), split, sides, self.task.options)


@dataclass(frozen=True, kw_only=True)
class Embedding:
    """A `Work`: texts that become vectors. `untrained`: the base's own, of validation and test."""

    recipe: Recipe
    spec: FineTuneSpec
    base: Base
    settings: Settings
    tokenizer: PreTrainedTokenizerBase
    trainable: Trainable
    splits: dict[str, Split]
    untrained: dict[str, Sides]

    @property
    def module(self) -> nn.Module:
        found: nn.Module = self.trainable.module
        return found

    @property
    def size(self) -> int:
        return len(self.splits["train"].rows)

    def order(self, epoch: int) -> list[list[int]]:
        """At random: sorted by length, a row's neighbours would be told apart by that."""
        return shuffled(self.size, batch_size=self.settings.batch_size, seed=self.settings.seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return within_budget(rows, self._lengths, tokens=TOKENS_AT_ONCE // shrink)

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        """The batch's own loss, as its rows are compared with each other; only the part's vectors have gradients.

        Summed over the parts these are the whole batch's gradients (Gao et al. 2021, arXiv:2101.06983)."""
        kept = set(part)
        others = [row for row in whole if row not in kept]
        sides = self._trained(part)
        if others:
            with torch.no_grad():
                rest = self._trained(others)
            sides = tuple(torch.cat(pair) for pair in zip(sides, rest, strict=True))
        found = self.recipe.loss(sides, self.splits["train"].truth[[*part, *others]])
        return found - found.detach() * (1 - len(part) / len(whole))

    def validate(self) -> Validated:
        split, trained, size = self.splits["validation"], self.trainable, self.settings.batch_size
        sides = self._vectors(self._encoder, trained.tokens[1], trained.lower[1])
        judged = self.recipe.judge(self.spec.task, split, sides, self.recipe.options(sides, split))
        # as many rows compared at once as in training
        batches = zip(*(torch.split(side, size) for side in sides), strict=True)
        losses = [
            float(self.recipe.loss(batch, truth)) * len(truth)
            for batch, truth in zip(batches, torch.split(split.truth, size), strict=True)
        ]
        values = {"loss": sum(losses) / len(split.rows), **judged.values()}
        return Validated(score=score(judged, self.spec.task.metric), values=values)

    def baseline(self) -> Baselines:
        return self.recipe.baseline(self.spec.task, self.splits, self.untrained)

    def publish(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        copied = deepcopy(self.trainable.module)
        if self.settings.method in adapters.METHODS:
            adapters.save(copied, folder / adapters.FOLDER, base=self.spec.base.name)
        model = self.trainable.finished(copied)
        split = self.splits["validation"]
        sides = self._vectors(self._network(model), split.tokens, None)
        task = replace(self.spec.task, options={**self.spec.task.options, **self.recipe.options(sides, split)})
        pooling.write(folder, width=self.base.width, max_length=self.settings.max_length)
        publish.write(folder, model=model, tokenizer=self.tokenizer, task=task, max_length=self.settings.max_length)

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        published = AutoModel.from_pretrained(folder, use_safetensors=True).eval()
        split = self.splits["test"]
        telling.phase(voice, "evaluating", 1, 2)
        sides = self._vectors(self._network(published), split.tokens, None)
        telling.phase(voice, "evaluating", 2, 2)
        return self.recipe.examine(self.spec.task, split, sides, publish.task_of(folder).options, plain)

    @cached_property
    def _lengths(self) -> list[int]:
        """Tokens of each training row, its texts together."""
        lengths = self.trainable.tokens[0].lengths
        return [sum(lengths[row :: self.size]) for row in range(self.size)]

    @property
    def _encoder(self) -> Packed | Padded:
        """In training."""
        network = self.trainable.network
        assert isinstance(network, Packed | Padded)  # noqa: S101 - a head alone makes no vectors
        return network

    def _network(self, model: Any) -> Packed | Padded:
        return network_of(self.base, model, self.tokenizer)

    def _vectors(self, network: Packed | Padded, tokens: Tokens, lower: Tensor | None) -> Sides:
        return _sides(network, tokens, lower, self.recipe, bfloat16=self.settings.bfloat16)

    def _trained(self, rows: list[int]) -> Sides:
        """The training rows' vectors, with gradients where they are asked for."""
        network, tokens, sides = self._encoder, self.trainable.tokens[0], len(self.recipe.SIDES)
        batch = network.batch(tokens, [side * self.size + row for side in range(sides) for row in rows])
        with autocast(self.settings.bfloat16):
            found = network.means(tokens, batch, self.trainable.lower[0])
        return torch.split(F.normalize(found.float(), dim=1), len(rows))


def _split(recipe: Recipe, tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Split:
    texts = [text for side in recipe.SIDES for text in rows[side]]
    return Split(rows=rows, tokens=tokenise(tokenizer, texts, max_length=max_length), truth=recipe.targets(rows))


def _sides(network: Packed | Padded, tokens: Tokens, lower: Tensor | None, recipe: Recipe, *, bfloat16: bool) -> Sides:
    """The vectors of a split's texts, without gradients."""
    parts, asked = list[Tensor](), list[Tensor]()
    with torch.inference_mode():
        for rows in by_length(tokens.lengths, batch_size=TEXTS_AT_ONCE):
            for part in within_budget(rows, tokens.lengths, tokens=TOKENS_AT_ONCE):
                batch = network.batch(tokens, part)
                with autocast(bfloat16):
                    parts.append(network.means(tokens, batch, lower).float())
                asked.append(batch.texts)
    found = torch.cat(parts)[torch.cat(asked).argsort()]
    return torch.split(F.normalize(found, dim=1), len(tokens) // len(recipe.SIDES))
