"""Entities of a text: an IOB2 tag a word, answered by the word's first token, words of one entity put together.

A text that comes as a string is cut into words where letters and digits end, as BERT's own tokenizer does before it
looks for pieces (Devlin et al. 2019); one that comes in words keeps them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from transformers import AutoModelForTokenClassification

from contracts.prediction import Entities, Entity, Outcome, Parameters
from contracts.task import TaskSpec
from inference.runtime.ask import Input, Words
from inference.runtime.kinds import encoder
from inference.runtime.kinds.encoder import Encoder, Ids
from inference.runtime.kinds.scores import applied, stacked
from inference.runtime.model import Encoded, Output
from inference.runtime.settings import Settings

WORD = re.compile(r"\w+|[^\w\s]")
OUTSIDE = "O"


@dataclass(frozen=True, slots=True)
class Word:
    """`start` and `end` as `Entity` has them; `gap`: what lies between it and the word before."""

    text: str
    start: int
    end: int
    gap: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """`first`: where in the ids each word begins."""

    ids: Ids
    words: list[Word]
    first: list[int]

    @property
    def tokens(self) -> int:
        return self.ids.tokens


class Tagger:
    def __init__(self, network: Encoder, task: TaskSpec) -> None:
        self._network = network
        self._tags = (OUTSIDE, *(f"{mark}-{label}" for label in task.labels for mark in "BI"))
        self.bytes, self.max_tokens = network.bytes, network.max_tokens

    def pre(self, inputs: Sequence[Input]) -> list[Tagged]:
        texts = [_words(one) for one in inputs]
        encoded = self._network.tokenised([[word.text for word in words] for words in texts], words=True)
        return [
            Tagged(Ids(one.ids, one.type_ids), *_begun(words, one.word_ids))
            for words, one in zip(texts, encoded, strict=True)
        ]

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        rows = [item for item in batch if isinstance(item, Tagged)]
        found, _ = self._network.run([row.ids for row in rows], "logits")  # [rows, longest, tags]
        return [found[place, row.first] for place, row in enumerate(rows)]  # [words, tags] each

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        rows = [item for item in items if isinstance(item, Tagged)]
        return [self._entities(row, output, parameters) for row, output in zip(rows, outputs, strict=True)]

    def _entities(self, row: Tagged, output: Output, parameters: Parameters) -> Entities:
        if not row.words:
            return Entities(entities=())
        scores = applied(stacked(list(output)), "softmax")  # [words, tags]
        best = scores.argmax(axis=1)
        tags = [self._tags[index] for index in best.tolist()]
        sure: NDArray[np.float32] = scores[np.arange(len(best)), best]
        found = [_entity(row.words, sure, *span) for span in _spans(tags, whole=parameters.aggregate)]
        return Entities(entities=tuple(found))


def load(folder: Path, task: TaskSpec, settings: Settings) -> Tagger:
    network = encoder.load(folder, settings, AutoModelForTokenClassification, outputs=1 + 2 * len(task.labels))
    return Tagger(network, task)


def _words(given: Input) -> list[Word]:
    if isinstance(given, Words):
        return [Word(word, place, place + 1, " " if place else "") for place, word in enumerate(given.words)]
    text, found, before = str(given), list[Word](), 0
    for match in WORD.finditer(text):
        found.append(Word(match[0], match.start(), match.end(), text[before : match.start()]))
        before = match.end()
    return found


def _begun(words: list[Word], ids: list[int | None]) -> tuple[list[Word], list[int]]:
    """The words that have a token, and where their first ones are."""
    first = {word: place for place, word in reversed(list(enumerate(ids))) if word is not None}
    places = sorted(first)
    return [words[word] for word in places], [first[word] for word in places]


def _spans(tags: list[str], *, whole: bool) -> list[tuple[str, int, int]]:
    """Label, first word, one past the last. An I- that follows nothing of its type opens an entity, as the CoNLL shared
    tasks count. Not `whole`: each word by itself, its tag as its label."""
    if not whole:
        return [(tag, place, place + 1) for place, tag in enumerate(tags) if tag != OUTSIDE]
    found = list[tuple[str, int, int]]()
    for place, tag in enumerate(tags):
        mark, _, label = tag.partition("-")
        if mark == "I" and found and found[-1][2] == place and found[-1][0] == label:
            found[-1] = (label, found[-1][1], place + 1)
        elif tag != OUTSIDE:
            found.append((label, place, place + 1))
    return found


def _entity(words: list[Word], sure: NDArray[np.float32], label: str, first: int, last: int) -> Entity:
    part = words[first:last]
    text = part[0].text + "".join(word.gap + word.text for word in part[1:])
    score = float(sure[first:last].mean())
    return Entity(label=label, score=score, text=text, start=part[0].start, end=part[-1].end)
