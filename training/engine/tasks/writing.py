"""The family of kinds that write a text: what they share. Each recipe is a module beside this.

Which way a model writes is the base's: a language model goes on with the prompt, laid out by its chat template, an
encoder-decoder reads one text and writes another (`model.writing`).
"""

from copy import deepcopy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from torch import Tensor
from transformers import AutoTokenizer

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault
from contracts.task import TaskSpec, form_of
from training.engine import publish, telling
from training.engine.data import pairs
from training.engine.data.order import bucketed, by_length, within_budget
from training.engine.data.pairs import Pairs
from training.engine.data.reading import Rows
from training.engine.judging import overlap, unwritten, writings
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Detail, score
from training.engine.judging.writings import Figures, Foreseen, Plain
from training.engine.loop import Validated
from training.engine.model import adapters, writers
from training.engine.model.base import Base
from training.engine.model.precision import autocast
from training.engine.model.writers import Writer
from training.engine.model.writing import Writing
from training.engine.settings import Habits, Settings
from training.engine.tasks import faults
from training.engine.voice import Voice

NUMBERS_AT_ONCE = 2**26  # of logits in one pass, 256 MB: a vocabulary of 50,000 then allows 1,300 tokens
TOKENS_AT_ONCE = 4_096
TEXTS_AT_ONCE = 64  # written at once
VALIDATED = 64  # rows of validation written to after an epoch: enough to tell epochs apart
JUDGED = 500  # rows of the test split written to: minutes on two cores

ANEW = Habits(rates={"full": 1e-3}, width=256, wanted=60_000, epochs=(10, 60), max_length=256)
WRITER = Habits(
    rates={"full": 2e-4, "lora": 1e-3, "dora": 1e-3, "ia3": 1e-2}, width=384, wanted=4_000, epochs=(3, 10),
    max_length=512, anew=ANEW,
)  # fmt: skip


class Recipe(Protocol):
    """A module of this room."""

    LAYOUT: str  # in which a language model without a chat template is given the text

    def without_network(self, asked: list[str], /) -> dict[str, list[str]]:
        """Answers that need no training rows at all, by the name of the way."""


@dataclass(frozen=True)
class Writings:
    """A `Kind`."""

    recipe: Recipe
    habits: Habits = WRITER

    def inspect(self, base: BaseModel) -> Base:
        return writers.inspect(base)

    def faults_of_task(self, task: TaskSpec) -> list[Fault]:
        return faults.of_metric(task)

    def faults_of_rows(self, task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
        asked, written = roles_of(task)
        found = faults.of_sizes(splits) + faults.of_blank(splits, (asked, written))
        return found + faults.of_one_text(splits["train"], written)

    def begin(self, spec: FineTuneSpec, base: Base, rows: dict[str, Rows], chosen: Settings, voice: Voice) -> "Work":
        asked, written = roles_of(spec.task)
        # 1. model and tokenizer
        train = rows["train"]
        writer = writers.load(base, [*train[asked], *train[written]], layout=self.recipe.LAYOUT)
        telling.phase(voice, "loading", 1, 3)
        # 2. texts to tokens
        texts = {name: (split[asked], split[written]) for name, split in rows.items()}
        splits, most = pairs.read(
            writer.tokenizer, texts, reads=base.config.is_encoder_decoder, max_length=chosen.max_length
        )
        sides = [side for split in splits.values() for side in (split.asked, split.written)]
        if base.config.is_encoder_decoder:
            telling.truncated(voice, dict(enumerate(sides)), chosen)
        else:
            telling.shortened(voice, sum(side.truncated for side in sides), sum(map(len, sides)), chosen)
        telling.phase(voice, "loading", 2, 3)
        # 3. what is trained of the model, and how it writes
        writers.write_at_most(writer, most)
        module = (
            adapters.wrap_writer(writer.model, chosen.method, rank=chosen.lora_rank)
            if chosen.method in adapters.METHODS
            else writer.model
        )
        telling.phase(voice, "loading", 3, 3)
        drawn = _drawn(len(rows["validation"]), VALIDATED, spec.seed), _drawn(len(rows["test"]), JUDGED, spec.seed)
        return Work(
            recipe=self.recipe, spec=spec, base=base, settings=chosen, writer=writer, module=module, rows=rows,
            splits=splits, most=most, validated=drawn[0], judged=drawn[1],
        )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Work:
    """A `kind.Work`. `most`: tokens an answer may have; `validated`, `judged`: the rows of validation and test that
    answers are written to."""

    recipe: Recipe
    spec: FineTuneSpec
    base: Base
    settings: Settings
    writer: Writer
    module: Any
    rows: dict[str, Rows]
    splits: dict[str, Pairs]
    most: int
    validated: list[int]
    judged: list[int]

    @property
    def size(self) -> int:
        return len(self.splits["train"])

    def order(self, epoch: int) -> list[list[int]]:
        lengths = self.splits["train"].lengths
        return bucketed(lengths, batch_size=self.settings.batch_size, seed=self.settings.seed, epoch=epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return within_budget(rows, self.splits["train"].lengths, tokens=self._at_once // shrink)

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        """Nats a token of the batch's right texts."""
        train = self.splits["train"]
        lengths = train.written.lengths
        with autocast(self.settings.bfloat16):
            costs = self._writing.costs(train, part)
        return costs.sum() / sum(lengths[row] for row in whole)

    def validate(self) -> Validated:
        foreseen, found = self._foreseen(self._writing, "validation"), None
        if self.spec.task.metric in overlap.METRICS:
            right = self._texts("validation", self.validated)
            found = overlap.measure(self._written(self._writing, "validation", self.validated)[0], right)
        figures = Figures(foreseen=foreseen, overlap=found)
        return Validated(
            score=score(figures, self.spec.task.metric), values={"loss": foreseen.loss, **figures.values()}
        )

    def baseline(self) -> Baselines:
        """Called before training: the module is the untrained base."""
        asked, written = roles_of(self.spec.task)
        train, test = self.rows["train"], self.splits["test"]
        questions = {
            name: [self.rows[name][asked][row] for row in rows]
            for name, rows in (("validation", self.validated), ("test", self.judged))
        }
        name, texts = unwritten.best(
            (train[asked], train[written]), questions, self._texts("validation", self.validated),
            self.recipe.without_network,
            metric=self.spec.task.metric if self.spec.task.metric in overlap.METRICS else "rouge_l",
        )  # fmt: skip
        if self.base.spec.shape is None:
            foreseen, foreseer = self._foreseen(self._writing, "test"), "untrained"
        else:
            counted = unwritten.by_frequency(self.splits["train"].written, test.written, len(self.writer.tokenizer))
            foreseen, foreseer = counted, "token frequencies"
        plain = Plain(texts=texts, name=name, foreseen=foreseen, foreseer=foreseer)
        named = foreseer if self.spec.task.metric == "perplexity" else name
        return Baselines(name=named, best=plain, constant=unwritten.commonest(train[written]))

    def publish(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        copied = deepcopy(self.module)
        if self.settings.method in adapters.METHODS:
            adapters.save(copied, folder / adapters.FOLDER, base=self.spec.base.name)
        options: dict[str, str | int | float | bool] = {**self.spec.task.options, "max_new_tokens": self.most}
        if self.writer.layout is not None:
            options["layout"] = self.writer.layout
        publish.write(
            folder, model=adapters.merged(copied), tokenizer=self.writer.tokenizer,
            task=replace(self.spec.task, options=options), max_length=self.settings.max_length,
        )  # fmt: skip

    def examine(self, folder: Path, plain: Baselines, voice: Voice) -> Detail:
        model = writers.head_of(self.base.config).from_pretrained(folder, use_safetensors=True).eval()
        published = Writing(model=model, filler=int(AutoTokenizer.from_pretrained(folder).pad_token_id))
        foreseen = self._foreseen(published, "test")
        telling.phase(voice, "evaluating", 1, 2)
        if len(self.judged) < len(self.rows["test"]):
            telling.sampled(voice, len(self.judged), len(self.rows["test"]))
        texts, unfinished = self._written(published, "test", self.judged)
        telling.phase(voice, "evaluating", 2, 2)
        numbers = self.rows["test"].numbers
        return writings.examine(
            self.spec.task, foreseen, texts, self._texts("test", self.judged), plain.best, plain.constant,
            [numbers[row] for row in self.judged], most=self.most, unfinished=unfinished,
        )  # fmt: skip

    @property
    def _writing(self) -> Writing:
        model = self.module.get_base_model() if self.settings.method in adapters.METHODS else self.module
        return Writing(model=model, filler=int(self.writer.tokenizer.pad_token_id))

    @property
    def _at_once(self) -> int:
        return min(TOKENS_AT_ONCE, NUMBERS_AT_ONCE // len(self.writer.tokenizer))

    def _texts(self, split: str, rows: list[int]) -> list[str]:
        """The right ones."""
        texts = self.rows[split][roles_of(self.spec.task)[1]]
        return [texts[row] for row in rows]

    def _foreseen(self, writing: Writing, name: str) -> Foreseen:
        split = self.splits[name]
        nats = np.zeros(len(split))
        with torch.inference_mode():
            for rows in by_length(split.lengths, batch_size=TEXTS_AT_ONCE):
                for part in within_budget(rows, split.lengths, tokens=self._at_once):
                    with autocast(self.settings.bfloat16):
                        nats[part] = writing.costs(split, part).double().numpy()
        return Foreseen(nats=nats, tokens=np.array(split.written.lengths))

    def _written(self, writing: Writing, name: str, asked: list[int]) -> tuple[list[str], int]:
        """An answer to each of the rows asked for, and how many of them did not end by themselves."""
        split, tokenizer = self.splits[name], self.writer.tokenizer
        lengths = split.asked.lengths
        texts, unfinished = [""] * len(asked), 0
        for places in by_length([lengths[row] for row in asked], batch_size=TEXTS_AT_ONCE):
            found = writing.write(split, [asked[place] for place in places])
            for place, tokens in zip(places, found, strict=True):
                texts[place] = str(tokenizer.decode(tokens, skip_special_tokens=True)).strip()
                unfinished += tokenizer.eos_token_id not in tokens
        return texts, unfinished


def roles_of(task: TaskSpec) -> tuple[str, str]:
    """What is asked and what is to be written."""
    asked, written = form_of(task.kind, task.form).roles
    return asked.name, written.name


def _drawn(rows: int, most: int, seed: int) -> list[int]:
    """At most so many of the rows, in order."""
    return sorted(np.random.default_rng(seed).permutation(rows)[:most].tolist())
