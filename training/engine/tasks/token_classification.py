"""The recipe for an IOB2 tag a word: names, places, amounts in a text.

Each word answers by its first token (Devlin et al. 2019, arXiv:1810.04805, section 5.3). A word beyond the longest text
the model reads is answered "O".
"""

from collections import Counter
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForTokenClassification, PreTrainedTokenizerBase

from contracts.problems import Fault
from contracts.task import TaskSpec
from training.engine.data.reading import Rows
from training.engine.data.tokens import NO_WORD, Tokens, tokenise_words
from training.engine.judging import baseline as plainly
from training.engine.judging import entities
from training.engine.judging.baseline import Baselines
from training.engine.judging.entities import Entities, EntityScores
from training.engine.judging.said import Said
from training.engine.model.head import start_at_class_means
from training.engine.tasks import faults
from training.engine.tasks.text_classification import imitate, loss
from training.engine.tasks.texts import SHOWN, Options, Split

__all__ = [
    "HEAD", "baseline", "examine", "faults_of_rows", "faults_of_task", "imitate", "judge", "loss", "options",
    "outputs", "plain", "said", "shown", "start", "targets", "tokens", "unit", "weights",
]  # fmt: skip

HEAD = AutoModelForTokenClassification
FEWEST_A_LABEL = 2  # training rows that hold an entity of the type
OUTSIDE = "O"


def faults_of_task(task: TaskSpec) -> list[Fault]:
    return faults.of_labels(task, fewest=1) + faults.of_metric(task)


def faults_of_rows(task: TaskSpec, splits: dict[str, Rows]) -> list[Fault]:
    """Too few rows in a split or with an entity of a type, and types that the task does not have."""
    named = [
        (number, kind)
        for rows in splits.values()
        for number, tags in zip(rows.numbers, rows["tags"], strict=True)
        for kind in _types(tags)
    ]
    counts = Counter(kind for tags in splits["train"]["tags"] for kind in _types(tags))
    return [
        *faults.of_sizes(splits),
        *faults.of_unknown(task, named, param="tags"),
        *faults.of_rare(task, counts, fewest=FEWEST_A_LABEL),
    ]


def outputs(task: TaskSpec) -> tuple[str, ...]:
    return (OUTSIDE, *(f"{mark}-{label}" for label in task.labels for mark in "BI"))


def tokens(tokenizer: PreTrainedTokenizerBase, rows: Rows, *, max_length: int) -> Tokens:
    return tokenise_words(tokenizer, rows["tokens"], max_length=max_length)


def targets(task: TaskSpec, rows: Rows, tokens: Tokens) -> Tensor:
    """(T,) int64: at each word's first token its tag's place among `outputs`, elsewhere 0."""
    index = {tag: place for place, tag in enumerate(outputs(task))}
    truth = torch.zeros(len(tokens.ids), dtype=torch.int64)
    for row, tags in enumerate(rows["tags"]):
        places, words = _asked(tokens, row)
        truth[places] = torch.tensor([index[tags[word]] for word in words], dtype=torch.int64)
    return truth


def options(train: Split) -> Options:
    return {}


def unit(truth: Tensor) -> None:
    return None


def weights(task: TaskSpec, asked: str | dict[str, float] | None, truth: Tensor) -> None:
    return None


def shown(truth: Tensor, texts: int) -> list[int]:
    return list(range(min(texts, SHOWN)))


def start(model: Any, features: Tensor, truth: Tensor) -> None:
    start_at_class_means(model, features, truth)


def judge(task: TaskSpec, split: Split, logits: Tensor) -> EntityScores:
    return entities.scores(task, split.rows["tags"], _answers(task, split, logits))


def said(task: TaskSpec, split: Split, logits: Tensor) -> Said:
    return entities.said(task, split.rows["tags"], _answers(task, split, logits))


def plain(task: TaskSpec, split: Split, found: Baselines) -> Said:
    return entities.said(task, split.rows["tags"], found.best)


def baseline(task: TaskSpec, train: Split, test: Split, *, seed: int) -> Baselines:
    return plainly.words(train.rows["tokens"], train.rows["tags"], test.rows["tokens"], seed=seed)


def examine(task: TaskSpec, answered: dict[str, tuple[Split, Tensor]], plain: Baselines) -> Entities:
    split, logits = answered["test"]
    return entities.examine(task, split.rows["tags"], _answers(task, split, logits), plain, split.rows.numbers)


def _answers(task: TaskSpec, split: Split, logits: Tensor) -> list[list[str]]:
    """A tag a word. `logits`: (T, tags)."""
    names, best = outputs(task), logits.argmax(1).tolist()
    answers = []
    for row, words in enumerate(split.rows["tokens"]):
        tags = [OUTSIDE] * len(words)
        for place, word in zip(*_asked(split.tokens, row), strict=True):
            tags[word] = names[best[place]]
        answers.append(tags)
    return answers


def _asked(tokens: Tokens, row: int) -> tuple[list[int], list[int]]:
    """Where in T the text's words begin, and which words these are."""
    assert tokens.words is not None  # noqa: S101 - `tokenise_words` made them
    first = tokens.offsets[row]
    words = tokens.words[first : tokens.offsets[row + 1]].tolist()
    begun = [(first + place, word) for place, word in enumerate(words) if word != NO_WORD]
    return [place for place, _ in begun], [word for _, word in begun]


def _types(tags: list[str]) -> set[str]:
    return {tag.partition("-")[2] for tag in tags if tag != OUTSIDE}
