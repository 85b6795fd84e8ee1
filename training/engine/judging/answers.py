"""Answers that are words of a context: how far they are the right ones, and for which questions.

As SQuAD is evaluated (Rajpurkar et al. 2016, arXiv:1606.05250; questions without an answer: 2018, arXiv:1806.03822):
letters' case, punctuation, English articles and white space do not count, and of several right answers the nearest
does. Of a script without spaces every character is a word (Lewis et al. 2020, arXiv:1910.07475).
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import resampling
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.overlap import UNSPACED
from training.engine.judging.said import Measure, Said

WORST = 20  # rows listed
OPENINGS, FEWEST = 12, 5  # first words of questions listed, the commonest; of fewer questions nothing can be said
LENGTHS = {  # words of the right answer, from and to
    "no answer": (0, 0), "1 word": (1, 1), "2 – 3 words": (2, 3), "4 – 7 words": (4, 7), "8 – 15 words": (8, 15),
    "16 words and more": (16, np.inf),
}  # fmt: skip

_SIGNS = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The questions of a split: what was asked, everything that answers it rightly, its row in the customer's source.
    An empty answer: there is none in the context."""

    questions: list[str]
    right: list[set[str]]
    numbers: list[int]


@dataclass(frozen=True, kw_only=True)
class Marks:
    """[rows] of each answer: whether it is a right one, and the F1 of its words against the nearest right one's."""

    exact_match: Floats
    f1: Floats

    @property
    def rows(self) -> int:
        return len(self.f1)

    def value(self, metric: str, rows: NDArray[np.int64] | None = None) -> float:
        """`rows`: positions, one as often as it stands there."""
        marks: Floats = getattr(self, metric)
        return float((marks if rows is None else marks[rows]).mean())

    def values(self) -> dict[str, float]:
        return {"f1": self.value("f1"), "exact_match": self.value("exact_match")}


@dataclass(frozen=True, kw_only=True)
class Part:
    """Questions of one sort. F1 of model and baseline; `exact_match` of the model."""

    name: str
    rows: int
    f1: float
    exact_match: float
    baseline: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A question answered badly, by its number in the customer's source; words of the right answer and of the given."""

    row: int
    f1: float
    true: int
    answered: int


@dataclass(frozen=True, kw_only=True)
class Answers:
    """`openings`: by the question's first word; `lengths`: by words of the right answer, none among them."""

    task: TaskSpec
    compared: Compared
    model: dict[str, float]
    baseline: dict[str, float]
    constant: dict[str, float]
    openings: tuple[Part, ...]
    lengths: tuple[Part, ...]
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {
            **self.model,
            **{f"baseline_{name}": value for name, value in self.baseline.items()},
            "constant_f1": self.constant["f1"],
        }

    def document(self) -> dict[str, Any]:
        return {
            "model": self.model,
            "baseline": {"name": self.compared.name, **self.baseline},
            "constant": self.constant,
            "groups": {"first_word": to_data(self.openings), "answer_words": to_data(self.lengths)},
            "worst_rows": to_data(self.worst),
        }


def said(task: TaskSpec, asked: Asked, given: list[str]) -> Said:
    """What was answered is told by its length: the words themselves are the customer's."""
    found = marks(asked, given)
    measure = Measure(metric=task.metric, value=lambda drawn: found.value(task.metric, drawn))
    return Said(
        rows=found.rows, whole=measure, parts=measure, loss=1 - found.f1, answers=lambda: _lengths(given),
        truth=lambda: _lengths([min(right) for right in asked.right]),
    )  # fmt: skip


def _lengths(texts: list[str]) -> list[str]:
    return [f"{len(words(text))} word(s)" if text else "no answer" for text in texts]


def words(text: str) -> list[str]:
    """What of an answer counts; of one that is nothing but articles or signs all does."""
    bare = _ARTICLES.sub(" ", text.lower().translate(_SIGNS))
    return UNSPACED.sub(r" \g<0> ", bare).split() or text.lower().split()


def marks(asked: Asked, said: Sequence[str]) -> Marks:
    """A row a question."""
    found = [
        max(_mark(words(one), words(right)) for right in rights) for one, rights in zip(said, asked.right, strict=True)
    ]
    exact, f1 = np.array(found, dtype=np.float64).reshape(-1, 2).T
    return Marks(exact_match=exact, f1=f1)


def examine(task: TaskSpec, asked: Asked, said: Sequence[str], plain: Baselines) -> Answers:
    ours, theirs, constant = (marks(asked, one) for one in (said, plain.best, plain.constant))
    sizes = np.array([min(len(words(right)) for right in rights) for rights in asked.right])
    return Answers(
        task=task,
        compared=resampling.compare(
            task.metric,
            plain.name,
            ours.rows,
            lambda drawn: ours.value(task.metric, drawn),
            lambda drawn: theirs.value(task.metric, drawn),
            share=task.metric == "exact_match",
        ),
        model=ours.values(),
        baseline=theirs.values(),
        constant=constant.values(),
        openings=_by_opening(asked, ours, theirs),
        lengths=_by_length(sizes, ours, theirs),
        worst=tuple(
            Row(row=asked.numbers[at], f1=float(ours.f1[at]), true=int(sizes[at]), answered=len(words(said[at])))
            for at in np.argsort(ours.f1, kind="stable")[:WORST].tolist()
            if ours.exact_match[at] < 1
        ),
    )


def _mark(said: list[str], right: list[str]) -> tuple[float, float]:
    """Exact match and F1; two answers that are none are the same."""
    common = (Counter(said) & Counter(right)).total()
    both = len(said) + len(right)
    return float(said == right), 2 * common / both if both else 1.0


def _by_opening(asked: Asked, ours: Marks, theirs: Marks) -> tuple[Part, ...]:
    first = [next(iter(re.findall(r"\w+", question.lower())), "") for question in asked.questions]
    common = [word for word, rows in Counter(first).most_common(OPENINGS) if word and rows >= FEWEST]
    return tuple(_part(word, np.array([one == word for one in first]), ours, theirs) for word in common)


def _by_length(sizes: NDArray[np.int64], ours: Marks, theirs: Marks) -> tuple[Part, ...]:
    inside = {name: (sizes >= low) & (sizes <= high) for name, (low, high) in LENGTHS.items()}
    return tuple(_part(name, rows, ours, theirs) for name, rows in inside.items() if rows.any())


def _part(name: str, inside: NDArray[np.bool_], ours: Marks, theirs: Marks) -> Part:
    rows = np.flatnonzero(inside)
    return Part(
        name=name,
        rows=len(rows),
        f1=ours.value("f1", rows),
        exact_match=ours.value("exact_match", rows),
        baseline=theirs.value("f1", rows),
    )
