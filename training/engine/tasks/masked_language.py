"""The recipe of an encoder: hidden words are foretold from those around them."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor
from transformers import AutoModelForMaskedLM, PreTrainedModel, PreTrainedTokenizerBase

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.pretraining import EXTEND, KEEP, OPTION, faults_of_tokenizer
from contracts.problems import Fault, Problem, echo
from contracts.task import TaskSpec
from training.engine import telling
from training.engine.data import masking
from training.engine.data.masking import Covers
from training.engine.data.order import by_length, within_budget
from training.engine.data.pieces import Pieces, read
from training.engine.data.tokens import NO_WORD, Tokens
from training.engine.judging.foretold import Foretold
from training.engine.judging.unwritten import costs_by_frequency
from training.engine.model import base as bases
from training.engine.model import head, vocabulary
from training.engine.model.base import Base, load_model, load_tokenizer
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast
from training.engine.model.prepare import network_of
from training.engine.settings import Habits, Settings
from training.engine.tasks.language import FREQUENCIES, JUDGED, UNTOUCHED, Before, Texts, summed
from training.engine.tasks.texts import TEXTS_AT_ONCE, TOKENS_AT_ONCE
from training.engine.tasks.writing import NUMBERS_AT_ONCE
from training.engine.voice import Voice

HEAD = AutoModelForMaskedLM
HABITS = Habits(rates={"full": 5e-4}, width=384, wanted=60_000, epochs=(3, 20))


@dataclass(kw_only=True)
class Filling:
    """A `Teller`. `pieces`: of each split; `hidden`: (W,) of validation and test the words that models are judged on;
    `units`: (W,) as how many tokens each counts; `known`: (W,) the training words that may be hidden; `shown`: the
    training pieces as this epoch shows them."""

    module: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    base: Base
    settings: Settings
    rows: dict[str, int]
    pieces: dict[str, Pieces]
    hidden: dict[str, Tensor]
    units: dict[str, Tensor]
    known: Tensor
    covers: Covers
    shown: Tokens

    @property
    def lengths(self) -> list[int]:
        return self.pieces["train"].tokens.lengths

    @property
    def pads(self) -> bool:
        return not self.base.packable

    @property
    def at_once(self) -> int:
        """Where texts are packed, the vocabulary is computed for hidden tokens only."""
        share = 1.0 if self.pads else masking.SHARE
        return min(TOKENS_AT_ONCE, int(NUMBERS_AT_ONCE / (share * len(self.tokenizer))))

    def show(self, epoch: int) -> None:
        train, seed = self.pieces["train"], self.settings.seed
        self.shown = masking.varied(train, self.known, self.covers, seed=seed, epoch=epoch)

    def costs(self, rows: list[int]) -> Tensor:
        network = network_of(self.base, self.module, self.tokenizer)
        logits, asked = _answers(network, self.shown, rows, bfloat16=self.settings.bfloat16)
        if not len(asked):
            return logits.sum()  # nothing is hidden: nothing to learn, and a graph to go back through
        return F.cross_entropy(logits, self.pieces["train"].tokens.ids.index_select(0, asked), reduction="sum")

    def asked(self, rows: list[int]) -> int:
        return self.shown.answers(rows)

    def foretold(self, split: str, model: Any) -> Foretold:
        pieces, hidden = self.pieces[split], self.hidden[split]
        network = network_of(self.base, model, self.tokenizer)
        tokens = masking.covered(pieces, hidden, self.covers)
        costs, wrong = torch.zeros(len(hidden)), torch.zeros(len(hidden))
        with torch.inference_mode():
            for rows in by_length(tokens.lengths, batch_size=TEXTS_AT_ONCE):
                for part in within_budget(rows, tokens.lengths, tokens=self.at_once):
                    logits, asked = _answers(network, tokens, part, bfloat16=self.settings.bfloat16)
                    words, right = pieces.words[asked], pieces.tokens.ids[asked]
                    costs.index_add_(0, words, F.cross_entropy(logits, right, reduction="none"))
                    wrong.index_add_(0, words, (logits.argmax(1) != right).float())
        return self._of(split, costs, wrong)

    def by_frequency(self, split: str) -> Foretold:
        """By how often each token stands in the training split."""
        pieces = self.pieces[split]
        each = costs_by_frequency(self.pieces["train"].spelt, len(self.tokenizer)).float()
        inside = pieces.words != NO_WORD
        words, ids = pieces.words[inside], pieces.tokens.ids[inside]
        zeros = torch.zeros(len(pieces.owners))
        costs, wrong = zeros.index_add(0, words, each[ids]), zeros.index_add(0, words, (ids != each.argmin()).float())
        return self._of(split, costs, wrong)

    def _of(self, split: str, costs: Tensor, wrong: Tensor) -> Foretold:
        """`costs`, `wrong`: (W,) nats and wrong tokens of each word."""
        hidden = self.hidden[split]
        owners, units = self.pieces[split].owners[hidden], self.units[split][hidden]
        return summed(self.rows[split], owners, costs[hidden], (wrong == 0)[hidden], tokens=units)


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    return bases.inspect(spec)


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults_of_tokenizer(str(task.options.get(OPTION, KEEP)), task.kind)


def begin(spec: FineTuneSpec, base: Base, texts: Texts, chosen: Settings, voice: Voice) -> tuple[Filling, Before]:
    # 1. texts to tokens, and the words that will be judged
    tokenizer = _with_mask(base, load_tokenizer(base))
    extends = spec.task.options.get(OPTION) == EXTEND
    if extends:
        _refuse_other_tokenizers(base, tokenizer)
    pieces = {name: read(tokenizer, split, max_length=chosen.max_length) for name, split in texts.items()}
    telling.phase(voice, "loading", 1, 3)
    # 2. the base model; a head that foretells words, where it brings none
    model = load_model(base, HEAD, ())
    if not bases.fills_words(base):
        telling.fills_anew(voice, base)
        head.start_at_words(model, pieces["train"].spelt)
    telling.phase(voice, "loading", 2, 3)
    # 3. what is foretold before
    known = {name: masking.known(one, tokenizer) for name, one in pieces.items()}
    covers = masking.covers(tokenizer)
    teller = Filling(
        module=model, tokenizer=tokenizer, base=base, settings=chosen, pieces=pieces, covers=covers,
        rows={name: len(split) for name, split in texts.items()},
        hidden={name: masking.hidden_in_judging(pieces[name], known[name]) for name in JUDGED},
        units={name: pieces[name].tokens_a_word for name in JUDGED},
        known=known["train"],
        shown=pieces["train"].tokens,
    )  # fmt: skip
    before = {
        FREQUENCIES: {name: teller.by_frequency(name) for name in JUDGED},
        UNTOUCHED: {name: teller.foretold(name, model) for name in JUDGED},
    }
    # 4. words of the texts that become tokens of their own
    if extends:
        words = vocabulary.missing(tokenizer, texts["train"])
        vocabulary.extend(model, tokenizer, words)
        again = {name: read(tokenizer, split, max_length=chosen.max_length) for name, split in texts.items()}
        telling.extended(voice, len(words), *(len(one["train"].tokens.ids) for one in (pieces, again)))
        teller.pieces, teller.covers = again, masking.covers(tokenizer)
        teller.known = masking.known(again["train"], tokenizer)
    return teller, before


def _answers(network: Packed | Padded, tokens: Tokens, rows: list[int], *, bfloat16: bool) -> tuple[Tensor, Tensor]:
    """(S, vocabulary) logits, float32, and (S,) of which tokens."""
    batch = network.batch(tokens, rows)
    with autocast(bfloat16):
        logits = network.logits(tokens, batch)
    return logits.float(), network.asked(tokens, batch)


def _with_mask(base: Base, tokenizer: PreTrainedTokenizerBase) -> PreTrainedTokenizerBase:
    if tokenizer.mask_token_id is None:
        message = f"The tokenizer of the base model {echo(base.spec.name)} has no token to hide words under."
        raise Problem("wrong_base_for_task", message, param="base")
    return tokenizer


def _refuse_other_tokenizers(base: Base, tokenizer: PreTrainedTokenizerBase) -> None:
    if not vocabulary.takes_words(tokenizer):
        message = f"The tokenizer of {echo(base.spec.name)} is no WordPiece, which alone can be extended: keep it."
        raise Problem("tokenizer_not_extendable", message, param="tokenizer")
