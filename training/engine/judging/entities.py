"""Answers that are an IOB2 tag a word: which entities were found, exactly.

As the CoNLL shared tasks score (Tjong Kim Sang and De Meulder 2003): an entity counts where type, first and last word
are right. An I- that follows nothing of its type opens an entity.
"""

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
from training.engine.judging.metrics import ClassScore
from training.engine.judging.said import Drawn, Measure, Said

Tags = Sequence[Sequence[str]]  # a list a text
Entity = tuple[str, int, int]  # type, first word, one past the last

WORST = 20  # rows listed
HITS, SAID, TRUE, RIGHT, WORDS = range(5)  # columns of counts


@dataclass(frozen=True, kw_only=True)
class EntityScores:
    """`accuracy`: of tags, a word counting once; the rest of entities. `types`: in the task's order of labels."""

    rows: int
    entities: int
    precision: float
    recall: float
    entity_f1: float
    accuracy: float
    types: tuple[ClassScore, ...]

    def value(self, metric: str) -> float:
        return self.accuracy if metric == "accuracy" else self.entity_f1

    def values(self) -> dict[str, float]:
        return {
            "entity_f1": self.entity_f1,
            "precision": self.precision,
            "recall": self.recall,
            "accuracy": self.accuracy,
        }


@dataclass(frozen=True, kw_only=True)
class Mistakes:
    """Entities by what was wrong: `missed` and `invented` overlap nothing of the other side; `borders`: the right type
    over other words; `types`: the right words, another type; `both`: neither."""

    missed: int
    invented: int
    borders: int
    types: int
    both: int


@dataclass(frozen=True, kw_only=True)
class Row:
    """A text with wrong entities, by its number in the customer's source."""

    row: int
    missed: int
    wrong: int


@dataclass(frozen=True, kw_only=True)
class Entities:
    """`said`: by model and baseline."""

    task: TaskSpec
    said: tuple[Said, Said]
    compared: Compared
    model: EntityScores
    baseline: EntityScores
    constant: EntityScores
    mistakes: Mistakes
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {
            **self.model.values(),
            "baseline_entity_f1": self.baseline.entity_f1,
            "baseline_accuracy": self.baseline.accuracy,
            "constant_entity_f1": self.constant.entity_f1,
            "entities": self.model.entities,
            "labels": len(self.task.labels),
        }

    def document(self) -> dict[str, Any]:
        """Per type by label."""
        return {
            "model": self._scores(self.model),
            "baseline": {"name": self.compared.name, **self._scores(self.baseline)},
            "constant": self._scores(self.constant),
            "mistakes": to_data(self.mistakes),
            "worst_rows": to_data(self.worst),
        }

    def _scores(self, found: EntityScores) -> dict[str, Any]:
        values = to_data(found)
        return {**values, "types": dict(zip(self.task.labels, values["types"], strict=True))}


def spans(tags: Sequence[str]) -> list[Entity]:
    """The entities of a text."""
    found, kind, first = list[Entity](), "", 0
    for place, tag in enumerate([*tags, "O"]):
        mark, _, named = tag.partition("-")
        if kind and (mark != "I" or named != kind):
            found.append((kind, first, place))
            kind = ""
        if mark != "O" and not kind:
            kind, first = named, place
    return found


def scores(task: TaskSpec, truth: Tags, answers: Tags) -> EntityScores:
    counts, types = _counts(truth, answers), {label: Counter[int]() for label in task.labels}
    for true, said in zip(truth, answers, strict=True):
        real, found = set(spans(true)), set(spans(said))
        for column, entities in ((HITS, real & found), (SAID, found), (TRUE, real)):
            for kind, _, _ in entities:
                types[kind][column] += 1
    hits, said, true, right, words = counts.sum(0).tolist()
    return EntityScores(
        rows=len(truth),
        entities=true,
        precision=hits / max(1, said),
        recall=hits / max(1, true),
        entity_f1=2 * hits / max(1, said + true),
        accuracy=right / max(1, words),
        types=tuple(_score(types[label]) for label in task.labels),
    )


def said(task: TaskSpec, truth: Tags, answers: Tags) -> Said:
    """In words an entity is its type and its place among the words of the row, from 1."""
    counts = _counts(truth, answers)

    def value(drawn: Drawn) -> float:
        return _value(task.metric, counts[drawn].sum(0))

    measure = Measure(metric=task.metric, value=value)
    return Said(
        rows=len(truth),
        whole=measure,
        parts=measure,
        loss=(counts[:, SAID] + counts[:, TRUE] - 2 * counts[:, HITS]).astype(np.float64),
        answers=lambda: [_placed(one) for one in answers],
        truth=lambda: [_placed(one) for one in truth],
    )


def examine(task: TaskSpec, truth: Tags, answers: Tags, plain: Baselines, numbers: list[int]) -> Entities:
    """`numbers`: of the rows in the customer's source."""
    ours, theirs = (said(task, truth, one) for one in (answers, plain.best))
    return Entities(
        task=task,
        said=(ours, theirs),
        compared=resampling.compare(
            task.metric,
            plain.name,
            len(truth),
            ours.whole.value,
            theirs.whole.value,
        ),
        model=scores(task, truth, answers),
        baseline=scores(task, truth, plain.best),
        constant=scores(task, truth, plain.constant),
        mistakes=_mistakes(truth, answers),
        worst=_worst(_counts(truth, answers), numbers),
    )


def _counts(truth: Tags, answers: Tags) -> NDArray[np.int64]:
    """[rows, 5]: entities right, answered and true; tags right, and words."""
    found = np.zeros((len(truth), 5), dtype=np.int64)
    for row, (true, said) in enumerate(zip(truth, answers, strict=True)):
        real, given = set(spans(true)), set(spans(said))
        right = sum(one == other for one, other in zip(true, said, strict=True))
        found[row] = len(real & given), len(given), len(real), right, len(true)
    return found


def _value(metric: str, counts: NDArray[np.int64]) -> float:
    hits, said, true, right, words = counts.tolist()
    return float(right / max(1, words) if metric == "accuracy" else 2 * hits / max(1, said + true))


def _placed(tags: Sequence[str]) -> str:
    """For a reader who has the row, and without a word of it."""
    found = [(kind, first + 1, last) for kind, first, last in spans(tags)]
    return ", ".join(f"{kind} {first}" + (f"–{last}" if last > first else "") for kind, first, last in found) or "none"


def _score(counts: Counter[int]) -> ClassScore:
    hits, said, true = counts[HITS], counts[SAID], counts[TRUE]
    return ClassScore(
        precision=hits / max(1, said), recall=hits / max(1, true), f1=2 * hits / max(1, said + true), support=true
    )


def _mistakes(truth: Tags, answers: Tags) -> Mistakes:
    found = Counter[str]()
    for true, said in zip(truth, answers, strict=True):
        real, given = set(spans(true)), set(spans(said))
        for kind, first, last in real - given:
            near = [other for other in given - real if other[1] < last and first < other[2]]
            if not near:
                found["missed"] += 1
            elif any(other[1:] == (first, last) for other in near):
                found["types"] += 1
            else:
                found["borders" if any(other[0] == kind for other in near) else "both"] += 1
        found["invented"] += sum(
            not any(first < other[2] and other[1] < last for other in real) for _, first, last in given - real
        )
    return Mistakes(**{name: found[name] for name in Mistakes.__dataclass_fields__})


def _worst(counts: NDArray[np.int64], numbers: list[int]) -> tuple[Row, ...]:
    missed, wrong = counts[:, TRUE] - counts[:, HITS], counts[:, SAID] - counts[:, HITS]
    order = np.argsort(-(missed + wrong), kind="stable")[:WORST].tolist()
    return tuple(
        Row(row=numbers[index], missed=int(missed[index]), wrong=int(wrong[index]))
        for index in order
        if missed[index] + wrong[index]
    )
