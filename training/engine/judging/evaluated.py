"""What one published model, or two of them, say to a test split long after their training."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from training.engine.data.groups import Group
from training.engine.judging import metrics, resampling
from training.engine.judging.compared import Interval, Summary, shown, spelt
from training.engine.judging.contest import Contest, compare
from training.engine.judging.said import Measure, Said

LISTED = 100  # rows of each sort


@dataclass(frozen=True, kw_only=True)
class Side:
    """A model and its metric on all rows; `interval`: 95 %."""

    name: str
    value: float
    interval: Interval


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row by its number in the customer's source: what is right, and what each model answers. `nearer`: which of two
    is nearer to it, None where that is neither."""

    row: int
    truth: str
    answers: tuple[str, ...]
    nearer: int | None


@dataclass(frozen=True, kw_only=True)
class Evaluated:
    """`rows`: judged on; `left_out`: rows of the test split that a model was trained on, by its name. `listed`: of two
    models the rows they answer differently, of one those that it answers worst; `differing`: how many there are."""

    kind: str
    form: str
    metric: str
    rows: int
    left_out: dict[str, int]
    sides: tuple[Side, ...]
    contest: Contest | None
    listed: tuple[Row, ...]
    differing: int

    @property
    def sentence(self) -> str:
        if self.contest is not None:
            return self.contest.sentence
        (one,) = self.sides
        low, high = (shown(self.metric, bound) for bound in one.interval)
        figure = f"{shown(self.metric, one.value)} {spelt(self.metric)}"
        return f"{one.name} reaches {figure} on {self.rows:,} test rows ({low} – {high}, 95 %)."

    def summary(self) -> Summary:
        found: Summary = {"metric": self.metric, "value": self.sides[0].value, "test_rows": self.rows}
        if self.contest is not None:
            found |= {
                "against_value": self.sides[1].value,
                "gain": self.contest.gain.value,
                "chance": self.contest.chance,
                "verdict": self.contest.verdict,
                "rows_needed": self.contest.needed,
            }
        return {**found, "sentence": self.sentence}

    def document(self) -> dict[str, Any]:
        """report.json."""
        return {"summary": self.summary(), **to_data(self)}


def evaluate(
    kind: tuple[str, str], names: Sequence[str], said: Sequence[Said], numbers: list[int], groups: Sequence[Group],
    left_out: dict[str, int],
) -> Evaluated:  # fmt: skip
    """`kind`: and form; `said`: of one model or two; `numbers`: of the rows in the customer's source."""
    contest = compare((names[0], names[1]), said[0], said[1], groups) if len(said) == 2 else None
    listed, differing = _differing(said[0], said[1], numbers) if len(said) == 2 else _worst(said[0], numbers)
    return Evaluated(
        kind=kind[0],
        form=kind[1],
        metric=said[0].whole.metric,
        rows=said[0].rows,
        left_out=left_out,
        sides=tuple(_side(name, one.whole, one.rows) for name, one in zip(names, said, strict=True)),
        contest=contest,
        listed=listed,
        differing=differing,
    )


def _side(name: str, measure: Measure, rows: int) -> Side:
    value = measure.value(np.arange(rows))
    if measure.right is not None:
        return Side(name=name, value=value, interval=metrics.interval(value, rows))
    return Side(name=name, value=value, interval=resampling.interval(resampling.samples(rows, measure.value)[0]))


def _differing(ours: Said, theirs: Said, numbers: list[int]) -> tuple[tuple[Row, ...], int]:
    """Those first where one is much nearer than the other; of each side as many."""
    truth, first, second = ours.truth(), ours.answers(), theirs.answers()
    apart, wrong = ours.loss - theirs.loss, _both_wrong(ours.parts, theirs.parts)
    places = [at for at in np.argsort(-np.abs(apart), kind="stable").tolist() if first[at] != second[at]]
    sorts: dict[int | None, list[Row]] = {0: [], 1: [], None: []}
    for at in places:
        nearer = None if wrong[at] or apart[at] == 0 else int(apart[at] > 0)
        if len(sorts[nearer]) < LISTED:
            row = Row(row=numbers[at], truth=truth[at], answers=(first[at], second[at]), nearer=nearer)
            sorts[nearer].append(row)
    return tuple(row for rows in sorts.values() for row in rows), len(places)


def _both_wrong(ours: Measure, theirs: Measure) -> NDArray[np.bool_]:
    """[rows]; nowhere where answers are more or less near."""
    if ours.right is None or theirs.right is None:
        return np.zeros(1, dtype=np.bool_)
    return ~ours.right & ~theirs.right


def _worst(said: Said, numbers: list[int]) -> tuple[tuple[Row, ...], int]:
    truth, answers = said.truth(), said.answers()
    places = [at for at in np.argsort(-said.loss, kind="stable").tolist() if answers[at] != truth[at]]
    rows = [Row(row=numbers[at], truth=truth[at], answers=(answers[at],), nearer=None) for at in places[:LISTED]]
    return tuple(rows), len(places)
