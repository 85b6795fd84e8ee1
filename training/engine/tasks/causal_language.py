"""The recipe of a model that goes on with a text: each token is foretold from those before it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, PreTrainedModel, PreTrainedTokenizerBase

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.pretraining import KEEP, OPTION, faults_of_tokenizer
from contracts.problems import Fault, Problem, echo
from contracts.task import TaskSpec
from training.engine import telling
from training.engine.data.blocks import Stream, apart, blocks, read
from training.engine.data.order import by_length, within_budget
from training.engine.data.pairs import Pairs
from training.engine.judging.foretold import Foretold
from training.engine.judging.unwritten import costs_by_frequency
from training.engine.model import writers
from training.engine.model.base import Base
from training.engine.model.precision import autocast
from training.engine.model.writing import Writing
from training.engine.settings import Habits, Settings
from training.engine.tasks.language import FREQUENCIES, JUDGED, UNTOUCHED, Before, Texts, summed
from training.engine.tasks.writing import NUMBERS_AT_ONCE, TEXTS_AT_ONCE, TOKENS_AT_ONCE
from training.engine.voice import Voice

HEAD = AutoModelForCausalLM
HABITS = Habits(
    rates={"full": 2e-4}, width=384, wanted=20_000, epochs=(2, 10), max_length=512,
    anew=Habits(rates={"full": 1e-3}, width=256, wanted=100_000, epochs=(3, 40), max_length=256),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Continuing:
    """A `Teller`."""

    module: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    streams: dict[str, Stream]
    rows: dict[str, int]
    settings: Settings
    pads: bool = False

    @property
    def lengths(self) -> list[int]:
        return self.streams["train"].tokens.lengths

    @property
    def at_once(self) -> int:
        return min(TOKENS_AT_ONCE, NUMBERS_AT_ONCE // len(self.tokenizer))

    def show(self, epoch: int) -> None:
        """Every token, each time."""

    def costs(self, rows: list[int]) -> Tensor:
        pairs = blocks(self.streams["train"], rows, length=self.settings.max_length - 1)
        with autocast(self.settings.bfloat16):
            return self._writing(self.module).costs(pairs, list(range(len(pairs)))).sum()

    def asked(self, rows: list[int]) -> int:
        return sum(self.lengths[row] for row in rows)

    def foretold(self, split: str, model: Any) -> Foretold:
        stream, pairs, writing = self.streams[split], self._apart[split], self._writing(model)
        found = torch.zeros(2, len(stream))
        with torch.inference_mode():
            for rows in by_length(pairs.lengths, batch_size=TEXTS_AT_ONCE):
                for part in within_budget(rows, pairs.lengths, tokens=self.at_once):
                    with autocast(self.settings.bfloat16):
                        found[:, part] = writing.costs_and_hits(pairs, part)
        lengths = torch.tensor(stream.tokens.lengths)
        return summed(self.rows[split], torch.tensor(stream.texts), found[0], found[1], tokens=lengths, asked=lengths)

    def by_frequency(self, split: str) -> Foretold:
        stream = self.streams[split]
        costs = costs_by_frequency(self.streams["train"].tokens.ids, len(self.tokenizer))
        owners = torch.repeat_interleave(torch.tensor(stream.texts), torch.tensor(stream.tokens.lengths))
        return summed(self.rows[split], owners, costs[stream.tokens.ids], (stream.tokens.ids == costs.argmin()).float())

    @cached_property
    def _apart(self) -> dict[str, Pairs]:
        return {name: apart(self.streams[name]) for name in JUDGED}

    def _writing(self, model: Any) -> Writing:
        return Writing(model=model, filler=int(self.tokenizer.pad_token_id))


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    base = writers.inspect(spec)
    if base.config.is_encoder_decoder:
        message = f"The base model {echo(spec.name)} writes one text of another and does not go on with one."
        raise Problem("wrong_base_for_task", message, param="base")
    return base


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults_of_tokenizer(str(task.options.get(OPTION, KEEP)), task.kind)


def begin(spec: FineTuneSpec, base: Base, texts: Texts, chosen: Settings, voice: Voice) -> tuple[Continuing, Before]:
    # 1. model and tokenizer, both learnt from nothing where the base has no weights
    model, tokenizer = writers.opened(base, texts["train"])
    telling.phase(voice, "loading", 1, 3)
    # 2. texts to tokens
    first = tokenizer.bos_token_id if writers.opening(tokenizer) else tokenizer.eos_token_id
    streams = {
        name: read(tokenizer, split, opening=int(first), length=chosen.max_length - 1) for name, split in texts.items()
    }
    rows = {name: len(split) for name, split in texts.items()}
    teller = Continuing(module=model, tokenizer=tokenizer, streams=streams, rows=rows, settings=chosen)
    telling.phase(voice, "loading", 2, 3)
    # 3. what is foretold before
    before = {FREQUENCIES: {name: teller.by_frequency(name) for name in JUDGED}}
    if base.spec.shape is None:
        before[UNTOUCHED] = {name: teller.foretold(name, model) for name in JUDGED}
    return teller, before
