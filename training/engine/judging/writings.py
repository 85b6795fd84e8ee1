"""Answers that are written: how near they are to the right texts, and how well the right texts were foreseen."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import overlap, resampling
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.overlap import Overlap
from training.engine.judging.said import Measure, Said

WORST = 20  # listed
LONGEST = 80.0  # nats a token; e^80 is as good as infinite, and still a number

Nats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """`nats`: [rows] what the right texts cost, summed over their tokens; `tokens`: [rows] how many these are."""

    nats: Nats
    tokens: NDArray[np.int64]

    @property
    def loss(self) -> float:
        """Nats a token."""
        return float(self.nats.sum() / self.tokens.sum())

    def perplexity(self, rows: NDArray[np.int64] | None = None) -> float:
        """Among how many equally likely tokens the model would have to choose, in the mean."""
        chosen = slice(None) if rows is None else rows
        return math.exp(min(LONGEST, float(self.nats[chosen].sum() / self.tokens[chosen].sum())))


@dataclass(frozen=True, kw_only=True)
class Figures:
    """`overlap`: None where nothing was written, as the task's metric does not ask for it."""

    foreseen: Foreseen
    overlap: Overlap | None

    def value(self, metric: str) -> float:
        return self.values()[metric]

    def values(self) -> dict[str, float]:
        return {"perplexity": self.foreseen.perplexity(), **(self.overlap.values if self.overlap else {})}


@dataclass(frozen=True, kw_only=True)
class Plain:
    """Answers without fine-tuning. `texts`: to the rows that are written to, by `name`; `foreseen`: all test rows, by
    `foreseer`."""

    texts: list[str]
    name: str
    foreseen: Foreseen
    foreseer: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """A test row whose answer has little of the right one, by its number in the customer's source. Lengths in words."""

    row: int
    rouge_l: float
    true: int
    answered: int


@dataclass(frozen=True, kw_only=True)
class Writings:
    """`said`: by model and baseline; `figures`: a metric each, beside the baseline that it has; `constant`: of the
    commonest training answer; `lengths`: true and answered, in words, of each row written to; `unfinished`: answers
    that were cut off."""

    task: TaskSpec
    said: tuple[Said, Said]
    figures: dict[str, Compared]
    constant: dict[str, float]
    test_rows: int
    lengths: tuple[tuple[int, int], ...]
    most: int
    unfinished: int
    worst: tuple[Row, ...]

    @property
    def compared(self) -> Compared:
        return self.figures[self.task.metric]

    @property
    def written(self) -> int:
        return len(self.lengths)

    def summary(self) -> Summary:
        return {
            **{name: one.model for name, one in self.figures.items()},
            **{f"baseline_{name}": one.baseline for name, one in self.figures.items()},
            "rows_written": self.written,
        }

    def document(self) -> dict[str, Any]:
        """Numbers only: a text that must be erased from the data would go on standing here."""
        true, answered = (np.array(one) for one in zip(*self.lengths, strict=True))
        return {
            "figures": to_data(self.figures),
            "constant": self.constant,
            "rows_written": self.written,
            "max_new_tokens": self.most,
            "unfinished": self.unfinished,
            "mean_words": {"true": float(true.mean()), "answered": float(answered.mean())},
            "worst_rows": to_data(self.worst),
        }


def examine(
    task: TaskSpec,
    foreseen: Foreseen,
    written: list[str],
    right: list[str],
    plain: Plain,
    constant: str,
    numbers: list[int],
    *,
    most: int,
    unfinished: int,
) -> Writings:
    """`written`, `right`, `numbers`: of the rows written to; `most`: tokens an answer may have."""
    ours, theirs = overlap.measure(written, right), overlap.measure(plain.texts, right)
    figures = {
        metric: resampling.compare(metric, plain.name, len(right), _on(ours, metric), _on(theirs, metric))
        for metric in overlap.METRICS
    }
    figures["perplexity"] = resampling.compare(
        "perplexity", plain.foreseer, len(foreseen.nats), foreseen.perplexity, plain.foreseen.perplexity
    )
    lengths = tuple(
        (len(overlap.words(true)), len(overlap.words(said))) for true, said in zip(right, written, strict=True)
    )
    worst = np.argsort(ours.rouge_l, kind="stable")[:WORST].tolist()
    return Writings(
        task=task,
        said=(_foreseen(foreseen), _foreseen(plain.foreseen)),
        figures=figures,
        constant=overlap.measure([constant] * len(right), right).values,
        test_rows=len(foreseen.nats),
        lengths=lengths,
        most=most,
        unfinished=unfinished,
        worst=tuple(
            Row(row=numbers[at], rouge_l=float(ours.rouge_l[at]), true=lengths[at][0], answered=lengths[at][1])
            for at in worst
        ),
    )


def _foreseen(found: Foreseen) -> Said:
    """By perplexity, whatever the task's metric: only some rows are written to, but all are foreseen."""
    measure = Measure(metric="perplexity", value=found.perplexity)
    return Said(
        rows=len(found.nats),
        whole=measure,
        parts=measure,
        loss=found.nats / found.tokens,
        answers=lambda: [f"{one:.2f}" for one in found.nats / found.tokens],
        truth=lambda: ["0.00"] * len(found.nats),
    )


def _on(found: Overlap, metric: str) -> Callable[[NDArray[np.int64]], float]:
    return lambda rows: found.value(metric, rows)
