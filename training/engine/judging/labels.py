"""Answers of any number of labels a row, each decided by itself."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.decision import EVEN
from contracts.task import TaskSpec
from training.engine.judging import resampling
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.metrics import Average, ClassScore
from training.engine.judging.said import Drawn, Measure, Said, share

WORST = 20  # rows listed

Given = NDArray[np.bool_]  # [rows, labels]


@dataclass(frozen=True, kw_only=True)
class LabelScores:
    """`accuracy`: rows whose labels are all right and none too many; `micro` counts every label of every row alike,
    `macro` every label of the task. `labels`: in the task's order."""

    rows: int
    accuracy: float
    micro: Average
    macro: Average
    labels: tuple[ClassScore, ...]

    def value(self, metric: str) -> float:
        return {"micro_f1": self.micro.f1, "macro_f1": self.macro.f1}.get(metric, self.accuracy)

    def values(self) -> dict[str, float]:
        return {"micro_f1": self.micro.f1, "macro_f1": self.macro.f1, "accuracy": self.accuracy}


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row with wrong labels, by its number in the customer's source."""

    row: int
    missed: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Labels:
    """`said`: by model and baseline; `given`: mean number of labels a row, of truth and answers; `thresholds`: from
    which probability on."""

    task: TaskSpec
    said: tuple[Said, Said]
    compared: Compared
    model: LabelScores
    baseline: LabelScores
    constant: LabelScores
    given: tuple[float, float]
    thresholds: dict[str, float]
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {
            **self.model.values(),
            **{f"baseline_{name}": value for name, value in self.baseline.values().items()},
            "constant_micro_f1": self.constant.micro.f1,
            "labels": len(self.task.labels),
        }

    def document(self) -> dict[str, Any]:
        """Per label by name."""
        return {
            "model": self._scores(self.model),
            "baseline": {"name": self.compared.name, **self._scores(self.baseline)},
            "constant": self._scores(self.constant),
            "labels_a_row": {"true": self.given[0], "answered": self.given[1]},
            "thresholds": self.thresholds,
            "worst_rows": to_data(self.worst),
        }

    def _scores(self, found: LabelScores) -> dict[str, Any]:
        values = to_data(found)
        return {**values, "labels": dict(zip(self.task.labels, values["labels"], strict=True))}


def decided(task: TaskSpec, probabilities: NDArray[np.float64]) -> Given:
    """`probabilities`: [rows, labels]."""
    limits = np.array([task.decision.thresholds.get(label, EVEN) for label in task.labels])
    return np.asarray(probabilities >= limits)


def scores(truth: Given, answers: Given) -> LabelScores:
    hits, said, true = (one.sum(0) for one in (truth & answers, answers, truth))
    precision, recall = hits / np.maximum(1, said), hits / np.maximum(1, true)
    f1 = 2 * hits / np.maximum(1, said + true)
    return LabelScores(
        rows=len(truth),
        accuracy=float((truth == answers).all(1).mean()),
        micro=Average(
            precision=float(hits.sum() / max(1, said.sum())),
            recall=float(hits.sum() / max(1, true.sum())),
            f1=float(2 * hits.sum() / max(1, said.sum() + true.sum())),
        ),
        macro=Average(precision=float(precision.mean()), recall=float(recall.mean()), f1=float(f1.mean())),
        labels=tuple(
            ClassScore(precision=float(p), recall=float(r), f1=float(f), support=int(n))
            for p, r, f, n in zip(precision, recall, f1, true, strict=True)
        ),
    )


def said(task: TaskSpec, truth: Given, answers: Given) -> Said:
    """Parts of the rows are measured by micro F1 where the task counts every label alike: a part may lack one."""

    def measure(metric: str) -> Measure:
        if metric == "accuracy":
            return share((truth == answers).all(1))

        def value(drawn: Drawn) -> float:
            return _value(metric, truth[drawn], answers[drawn])

        return Measure(metric=metric, value=value)

    return Said(
        rows=len(truth),
        whole=measure(task.metric),
        parts=measure("micro_f1" if task.metric == "macro_f1" else task.metric),
        loss=(truth != answers).sum(1).astype(np.float64),
        answers=lambda: _named(task.labels, answers),
        truth=lambda: _named(task.labels, truth),
    )


def examine(task: TaskSpec, truth: Given, answers: Given, plain: Baselines, numbers: list[int]) -> Labels:
    """`numbers`: of the rows in the customer's source."""
    ours, theirs = (said(task, truth, one) for one in (answers, plain.best))
    return Labels(
        task=task,
        said=(ours, theirs),
        compared=resampling.compare(
            task.metric,
            plain.name,
            len(truth),
            ours.whole.value,
            theirs.whole.value,
            share=task.metric == "accuracy",
        ),
        model=scores(truth, answers),
        baseline=scores(truth, plain.best),
        constant=scores(truth, plain.constant),
        given=(float(truth.sum(1).mean()), float(answers.sum(1).mean())),
        thresholds={label: task.decision.thresholds.get(label, EVEN) for label in task.labels},
        worst=_worst(task.labels, truth, answers, numbers),
    )


def _value(metric: str, truth: Given, answers: Given) -> float:
    """As `scores`, without what the metric does not need: it is asked for a thousand times."""
    if metric == "accuracy":
        return float((truth == answers).all(1).mean())
    hits, both = (truth & answers).sum(0), truth.sum(0) + answers.sum(0)
    if metric == "micro_f1":
        return float(2 * hits.sum() / max(1, both.sum()))
    return float((2 * hits / np.maximum(1, both)).mean())


def _named(labels: tuple[str, ...], given: Given) -> list[str]:
    return [", ".join(labels[at] for at in np.flatnonzero(row)) or "none" for row in given]


def _worst(labels: tuple[str, ...], truth: Given, answers: Given, numbers: list[int]) -> tuple[Row, ...]:
    wrong = (truth != answers).sum(1)
    order = [index for index in np.argsort(-wrong, kind="stable")[:WORST].tolist() if wrong[index]]
    return tuple(
        Row(
            row=numbers[index],
            missed=tuple(labels[at] for at in np.flatnonzero(truth[index] & ~answers[index])),
            wrong=tuple(labels[at] for at in np.flatnonzero(answers[index] & ~truth[index])),
        )
        for index in order
    )
