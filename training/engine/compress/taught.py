"""A `Lesson`: a smaller model learns the rows again, from their answers and from what the original says to them."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn

from training.engine.data.order import by_length, within_budget
from training.engine.loop import Validated
from training.engine.model.packed import Packed
from training.engine.model.padded import Padded
from training.engine.model.precision import autocast
from training.engine.tasks.texts import TEXTS_AT_ONCE, TOKENS_AT_ONCE, Corpus, Reading, placed, predict

SOFT = 0.7  # of the loss: what the original says; the rest is the rows' own answers
STATES = 1.0  # what the distance of the states counts beside them
KEEP_LIMIT = 1 << 30  # bytes of states kept; above it answers alone are learnt from


@dataclass(frozen=True, kw_only=True)
class Teacher:
    """What the original says to the training rows. `logits`: (truth, outputs), as they are learnt; `states`: (layers,
    truth, width) float16, of its layers that the student's layers follow; None where they follow none."""

    logits: Tensor
    states: Tensor | None = None


@dataclass(frozen=True, kw_only=True)
class Taught:
    """`reading`: the student's."""

    reading: Reading
    teacher: Teacher

    @property
    def module(self) -> nn.Module:
        return self.reading.module

    @property
    def size(self) -> int:
        return self.reading.size

    def order(self, epoch: int) -> list[list[int]]:
        return self.reading.order(epoch)

    def parts(self, rows: list[int], shrink: int) -> list[list[int]]:
        return self.reading.parts(rows, shrink)

    def loss(self, part: list[int], whole: list[int]) -> Tensor:
        reading, teacher, tokens = self.reading, self.teacher, self.reading.trainable.tokens[0]
        network = reading.trainable.network
        assert isinstance(network, Packed | Padded)  # noqa: S101 - a student learns in every layer
        batch = network.batch(tokens, part)
        states: Tensor | None = None
        with autocast(reading.settings.bfloat16):
            if teacher.states is None:
                logits = network.logits(tokens, batch)
            else:
                logits, states = network.studied(tokens, batch)
        asked = network.asked(tokens, batch)
        if not len(asked):
            return logits.sum()  # as in `Reading.loss`
        said = teacher.logits.index_select(0, asked)
        loss = (1 - SOFT) * reading.missed(logits, asked) + SOFT * reading.recipe.imitate(logits, said)
        if teacher.states is not None and states is not None:
            loss = loss + STATES * apart(states, teacher.states.index_select(1, asked))
        return loss * reading.share(part, whole)

    def validate(self) -> Validated:
        return self.reading.validate()


def apart(ours: Tensor, theirs: Tensor) -> Tensor:
    """Mean squared distance of directions (Sun et al. 2019, arXiv:1908.09355, equation 7). (layers, K, width) each."""
    one, other = (F.normalize(states.float(), dim=-1) for states in (ours, theirs))
    return (one - other).square().sum(-1).mean()


def teacher_of(corpus: Corpus, network: Packed | Padded, *, layers: list[int] | None) -> Teacher:
    """`layers`: of the original, whose states the student's layers follow."""
    split, bfloat16 = corpus.splits["train"], corpus.settings.bfloat16
    logits = placed(*predict(network, split.tokens, None, bfloat16=bfloat16), split)
    learnt = logits if corpus.unit is None else corpus.unit.inward(logits)
    needed = 2 * len(layers or ()) * len(split.truth) * corpus.base.width
    if layers is None or needed > KEEP_LIMIT:
        return Teacher(logits=learnt)
    states = torch.zeros(len(layers), len(split.truth), corpus.base.width, dtype=torch.float16)
    with torch.no_grad():
        for rows in by_length(split.tokens.lengths, batch_size=TEXTS_AT_ONCE):
            for part in within_budget(rows, split.tokens.lengths, tokens=TOKENS_AT_ONCE):
                batch = network.batch(split.tokens, part)
                with autocast(bfloat16):
                    _, seen = network.studied(split.tokens, batch)
                states[:, network.asked(split.tokens, batch)] = seen[layers].half()
    return Teacher(logits=learnt, states=states)
