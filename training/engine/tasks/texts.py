"""The family of kinds that read texts by an encoder with a head: what they share. Each recipe is a module beside this.

A recipe says what the texts are, what is learnt of them, its loss, and how answers are judged; it knows tensors and
rows, no optimizer, no folder.
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine import publish, telling
from training.engine.data.order import bucketed, by_length, shuffled, within_budget
from training.engine.data.reading import Rows
from training.engine.data.tokens import Tokens
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, Judged, score
from training.engine.judging.learning import Learner
from training.engine.judging.said import Said
from training.engine.loop import Validated
from training.engine.model import adapters
from training.engine.model.base import Base, inspect, keeps_head, load_model, load_tokenizer
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast, native_bfloat16
from training.engine.model.prepare import Network, Start, Trainable, network_of, prepare
from training.engine.settings import ENCODER, Habits, Settings
from training.engine.tasks.units import Unit
from training.engine.voice import Voice

Options = dict[str, str | int | float | bool]  # of a task, as its spec and task.json have them
TOKENS_AT_ONCE = 8_192  # in one pass: ~200 MB of activations a layer of width 384; longer batches go in parts
TEXTS_AT_ONCE = 128  # in one pass without gradients
SHOWN = 2_048  # texts whose features a head is started from: more hardly move it


@dataclass(frozen=True, kw_only=True)
class Split:
    """`truth`: (N, ...) a row a text; or (T, ...) a row a token, of which those that `tokens.words` marks count."""

    rows: Rows
    tokens: Tokens
    truth: Tensor


class Recipe(Protocol):
    """A module of this room."""

    HEAD: Any  # the transformers class that loads base and head, `AutoModelFor...`

    def faults_of_task(self, task: TaskSpec, /) -> list[Fault]: ...

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows], /) -> list[Fault]: ...

    def outputs(self, task: TaskSpec, /) -> tuple[str, ...]:
        """Names, one an output of the head."""

    def tokens(self, tokenizer: PreTrainedTokenizerBase, rows: Rows, /, *, max_length: int) -> Tokens: ...

    def targets(self, task: TaskSpec, rows: Rows, tokens: Tokens, /) -> Tensor:
        """The truth of a `Split`."""

    def options(self, train: Split, /) -> Options:
        """What the training rows say about how answers are read from the model."""

    def unit(self, truth: Tensor, /) -> Unit | None:
        """Of numbers, what they are learnt in; None where the truth is learnt as it is."""

    def weights(self, task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor, /) -> Tensor | None:
        """What a row of each class counts in the loss, or None."""

    def shown(self, truth: Tensor, texts: int, /) -> list[int]:
        """The training texts whose features the head is started from; none where it starts at random."""

    def start(self, model: Any, features: Tensor, truth: Tensor, /) -> None: ...

    def loss(self, logits: Tensor, truth: Tensor, /, *, smoothing: float, weights: Tensor | None) -> Tensor:
        """Mean over the rows of `logits`."""

    def imitate(self, logits: Tensor, taught: Tensor, /) -> Tensor:
        """The same against another model's logits (K, outputs) instead of the truth."""

    def judge(self, task: TaskSpec, split: Split, logits: Tensor, /) -> Judged: ...

    def said(self, task: TaskSpec, split: Split, logits: Tensor, /) -> Said: ...

    def plain(self, task: TaskSpec, split: Split, found: Baselines, /) -> Said:
        """What `baseline` found, as `said`."""

    def baseline(self, task: TaskSpec, train: Split, test: Split, /, *, seed: int) -> Baselines: ...

    def examine(self, task: TaskSpec, answered: dict[str, tuple[Split, Tensor]], plain: Baselines, /) -> Detail:
        """`answered`: validation and test, each with its logits."""


@dataclass(frozen=True)
class Texts:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = ENCODER

    def inspect(self, base: BaseModel) -> Base:
        return inspect(base, self.recipe.HEAD)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return self.recipe.faults_of_task(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        return self.recipe.faults_of_rows(task, splits)

    def read(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Corpus":
        """Texts to tokens, answers to tensors."""
        recipe, task = self.recipe, spec.task
        tokenizer = load_tokenizer(base)
        splits = dict[str, Split]()
        for name, one in rows.items():
            tokens = recipe.tokens(tokenizer, one, max_length=chosen.max_length)
            splits[name] = Split(rows=one, tokens=tokens, truth=recipe.targets(task, one, tokens))
        truth = splits["train"].truth
        task = replace(task, options={**task.options, **recipe.options(splits["train"])})
        unit, weights = recipe.unit(truth), recipe.weights(task, chosen.class_weights, truth)
        telling.truncated(voice, {name: split.tokens for name, split in splits.items()}, chosen)
        telling.weighted(voice, recipe.outputs(task), weights)
        return Corpus(
            recipe=recipe, spec=replace(spec, task=task), base=base, settings=chosen, tokenizer=tokenizer,
            splits=splits, unit=unit, weights=weights,
        )  # fmt: skip

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Reading":
        corpus = self.read(spec, base, rows, chosen, voice)
        telling.phase(voice, "loading", 1, 3)
        # the base model, its head started where the base already tells the answers apart
        recipe, truth, unit = self.recipe, corpus.splits["train"].truth, corpus.unit
        outputs = recipe.outputs(spec.task)
        model = load_model(base, recipe.HEAD, outputs)
        # a head of numbers answers in its own data's unit
        goes_on = unit is None and keeps_head(base, recipe.HEAD, outputs)
        telling.phase(voice, "loading", 2, 3)
        learnt = truth if unit is None else unit.inward(truth)

        def start(model: Any, features: Tensor, asked: Tensor) -> None:
            recipe.start(model, features, learnt.index_select(0, asked))

        reading = corpus.reading(model, None if goes_on else start)
        telling.head(voice, goes_on=goes_on)
        telling.phase(voice, "loading", 3, 3)
        return reading

    def opened(self, folder: Path, *, threads: int) -> "Published":
        base = inspect(BaseModel(name=folder.name, location=str(folder)), self.recipe.HEAD)
        tokenizer = load_tokenizer(base)
        return Published(
            recipe=self.recipe, task=publish.task_of(folder), tokenizer=tokenizer,
            network=_network(self.recipe, base, tokenizer, folder), bfloat16=native_bfloat16(),
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Published:
    """A `kind.Published`."""

    recipe: Recipe
    task: TaskSpec
    tokenizer: PreTrainedTokenizerBase
    network: Network
    bfloat16: bool

    def answers(self, rows: Rows, metric: str) -> Said:
        tokens = self.recipe.tokens(self.tokenizer, rows, max_length=self.tokenizer.model_max_length)
        split = Split(rows=rows, tokens=tokens, truth=self.recipe.targets(self.task, rows, tokens))
        logits = answered(self.network, split, bfloat16=self.bfloat16)
        return self.recipe.said(replace(self.task, metric=metric), split, logits)


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """Texts as an encoder reads them, and their answers; no model yet. `base` says how they were cut into tokens."""

    recipe: Recipe
    spec: FineTuneSpec
    base: Base
    settings: Settings
    tokenizer: PreTrainedTokenizerBase
    splits: dict[str, Split]
    unit: Unit | None
    weights: Tensor | None

    def reading(self, model: PreTrainedModel, start: Start | None) -> "Reading":
        """With a model to be trained on them; `start`: of its head, where it has none of its own."""
        train, validation = self.splits["train"], self.splits["validation"]
        shown = self.recipe.shown(train.truth, len(train.rows))
        trainable = prepare(
            self.base,
            model,
            self.tokenizer,
            settings=self.settings,
            tokens=(train.tokens, validation.tokens),
            shown=shown,
            start=start if shown else None,
        )
        return Reading(**{**vars(self), "trainable": trainable})

    def baseline(self) -> Baselines:
        train, test = self.splits["train"], self.splits["test"]
        return self.recipe.baseline(self.spec.task, train, test, seed=self.spec.seed)

    def judged(self, network: Network, plain: Baselines, voice: Voice, *, bfloat16: bool) -> Detail:
        """A finished model's answers to the test split."""
        said = dict[str, tuple[Split, Tensor]]()
        for done, name in enumerate(("validation", "test"), start=1):
            split = self.splits[name]
            said[name] = split, answered(network, split, bfloat16=bfloat16)
            telling.phase(voice, "evaluating", done, 2)
        return self.recipe.examine(self.spec.task, said, plain)


@dataclass(frozen=True, kw_only=True)
class Reading(Corpus):
    """A `Work`: texts that are read by an encoder."""

    trainable: Trainable

    @property
    def module(self) -> nn.Module:
        found: nn.Module = self.trainable.module
        return found

    @property
    def size(self) -> int:
        return len(self.splits["train"].tokens)

    def order(self, epoch: int) -> list[list[int]]:
        batch_size, seed = self.settings.batch_size, self.settings.seed
        if not isinstance(self.trainable.network, Padded):
            return shuffled(self.size, batch_size=batch_size, seed=seed, epoch=epoch)
        return bucketed(self.trainable.tokens[0].lengths, batch_size=batch_size, seed=seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return within_budget(rows, self.trainable.tokens[0].lengths, tokens=TOKENS_AT_ONCE // shrink)

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        network, tokens = self.trainable.network, self.trainable.tokens[0]
        batch = network.batch(tokens, part)
        with autocast(self.settings.bfloat16):
            logits = network.logits(tokens, batch, self.trainable.lower[0])
        asked = network.asked(tokens, batch)
        if not len(asked):
            return logits.sum()  # a text without words: nothing to learn, and a graph to go back through
        return self.missed(logits, asked) * self.share(part, whole)

    def missed(self, logits: Tensor, asked: Tensor) -> Tensor:
        """Mean loss of the answers to training texts. `asked`: (K,) places in the truth."""
        truth = self.splits["train"].truth.index_select(0, asked)
        learnt = truth if self.unit is None else self.unit.inward(truth)
        return self.recipe.loss(logits, learnt, smoothing=self.settings.label_smoothing, weights=self.weights)

    def share(self, part: list[int], whole: list[int]) -> float:
        """Of the batch's answers, what a part of it asks for."""
        tokens = self.trainable.tokens[0]
        return tokens.answers(part) / max(1, tokens.answers(whole))

    def validate(self) -> Validated:
        split, trained, bfloat16 = self.splits["validation"], self.trainable, self.settings.bfloat16
        logits, asked = predict(trained.network, trained.tokens[1], trained.lower[1], bfloat16=bfloat16)
        truth = split.truth.index_select(0, asked)
        learnt, given = (truth, logits) if self.unit is None else (self.unit.inward(truth), self.unit.outward(logits))
        loss = self.recipe.loss(logits, learnt, smoothing=self.settings.label_smoothing, weights=self.weights)
        judged = self.recipe.judge(self.spec.task, split, placed(given, asked, split))
        return Validated(score=score(judged, self.spec.task.metric), values={"loss": float(loss), **judged.values()})

    def plainly(self) -> Learner | None:
        train, test = self.splits["train"], self.splits["test"]
        if train.tokens.words is not None:
            return None

        def learnt(shown: list[int]) -> Said:
            some = replace(train, rows=train.rows.of(shown), truth=train.truth[shown])
            found = self.recipe.baseline(self.spec.task, some, test, seed=self.spec.seed)
            return self.recipe.plain(self.spec.task, test, found)

        return learnt

    def publish(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        copied = deepcopy(self.trainable.module)
        if self.settings.method in adapters.METHODS:
            adapters.save(copied, folder / adapters.FOLDER, base=self.spec.base.name)
        model = self.trainable.finished(copied)
        if self.unit is not None:
            self.unit.fold(model)
        publish.write(
            folder, model=model, tokenizer=self.tokenizer, task=self.spec.task, max_length=self.settings.max_length
        )

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        network = _network(self.recipe, self.base, self.tokenizer, folder)
        return self.judged(network, plain, voice, bfloat16=self.settings.bfloat16)


def answered(network: Network, split: Split, *, bfloat16: bool) -> Tensor:
    """A row of logits for each of the split's truth."""
    return placed(*predict(network, split.tokens, None, bfloat16=bfloat16), split)


def predict(network: Network, tokens: Tokens, lower: Tensor | None, *, bfloat16: bool) -> tuple[Tensor, Tensor]:
    """(K, outputs) logits, float32, and (K,) of which text or token each is."""
    logits, asked = list[Tensor](), list[Tensor]()
    with torch.inference_mode():
        for rows in by_length(tokens.lengths, batch_size=TEXTS_AT_ONCE):
            for part in within_budget(rows, tokens.lengths, tokens=TOKENS_AT_ONCE):
                batch = network.batch(tokens, part)
                with autocast(bfloat16):
                    logits.append(network.logits(tokens, batch, lower).float())
                asked.append(network.asked(tokens, batch))
    return torch.cat(logits), torch.cat(asked)


def placed(logits: Tensor, asked: Tensor, split: Split) -> Tensor:
    """A row for each of the split's truth, 0 where nothing was asked."""
    result = torch.zeros(len(split.truth), logits.shape[1])
    result[asked] = logits
    return result


def _network(recipe: Recipe, base: Base, tokenizer: PreTrainedTokenizerBase, folder: Path) -> Network:
    """The published files."""
    return network_of(base, recipe.HEAD.from_pretrained(folder, use_safetensors=True).eval(), tokenizer)
