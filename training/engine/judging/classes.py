"""Answers of one class a row: everything that is told about them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import (
    calibration,
    examining,
    mislabelled,
    ordering,
    ranking,
    resampling,
    thresholds,
)
from training.engine.judging.baseline import Baselines
from training.engine.judging.calibration import Calibration
from training.engine.judging.compared import Compared, Interval, Summary
from training.engine.judging.deciding import Decided, judge
from training.engine.judging.examining import Abstention, Mistake
from training.engine.judging.importance import Importance
from training.engine.judging.metrics import Scores, chance_of, interval, scores
from training.engine.judging.mislabelled import Doubts
from training.engine.judging.ranking import Ranking
from training.engine.judging.said import Measure, Said, share
from training.engine.judging.thresholds import Thresholds


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a model says to the rows of a split.

    `logits`: [rows, classes]; `truth`: [rows] class indices; `numbers`: the rows in the customer's source.
    """

    logits: NDArray[np.float64]
    truth: NDArray[np.int64]
    numbers: list[int]


@dataclass(frozen=True, kw_only=True)
class Ordered:
    """Scores of a split, and how well its probabilities put rows in order: `ordering.METRICS`."""

    scores: Scores
    order: dict[str, float]

    def value(self, metric: str) -> float:
        return self.order[metric] if metric in self.order else self.scores.value(metric)

    def values(self) -> dict[str, float]:
        return self.scores.values() | self.order


@dataclass(frozen=True, kw_only=True)
class Classes:
    """`said`: by model and baseline. `macro_f1_intervals`: of both, 95 %. `importance`: of columns, where the rows have
    some."""

    task: TaskSpec
    said: tuple[Said, Said]
    compared: Compared
    model: Scores
    baseline: Scores
    majority: Scores
    macro_f1_intervals: tuple[Interval, Interval]
    decided: Decided | None
    thresholds: Thresholds | None
    ranking: Ranking | None
    calibration: Calibration
    abstention: tuple[Abstention, ...]
    mistakes: tuple[Mistake, ...]
    doubts: Doubts
    importance: tuple[Importance, ...] = ()

    def summary(self) -> Summary:
        return {
            "accuracy": self.model.accuracy,
            "macro_f1": self.model.macro.f1,
            "micro_f1": self.model.micro.f1,
            "baseline_accuracy": self.baseline.accuracy,
            "baseline_macro_f1": self.baseline.macro.f1,
            "majority_accuracy": self.majority.accuracy,
            "labels": len(self.task.labels),
            **(self.decided.summary() if self.decided else {}),
            **self._compared_by_order(),
        }

    def document(self) -> dict[str, Any]:
        """Per class by label."""
        ours, theirs = self.macro_f1_intervals
        return {
            "model": {**self._scores(self.model), "macro_f1_interval": ours},
            "baseline": {"name": self.compared.name, **self._scores(self.baseline), "macro_f1_interval": theirs},
            "majority": self._scores(self.majority),
            "decided": to_data(self.decided),
            "thresholds": to_data(self.thresholds),
            "ranking": to_data(self.ranking),
            "calibration": to_data(self.calibration),
            "abstention": to_data(self.abstention),
            "surest_mistakes": to_data(self.mistakes),
            "likely_wrong_labels": to_data(self.doubts),
            **({"columns": to_data(self.importance)} if self.importance else {}),
        }

    def _compared_by_order(self) -> Summary:
        compared = self.compared
        if compared.metric not in ordering.METRICS:
            return {}
        return {compared.metric: compared.model, f"baseline_{compared.metric}": compared.baseline}

    def _scores(self, found: Scores) -> dict[str, Any]:
        values = to_data(found)  # not asdict, which copies a thousand classes' confusion for seconds
        return {
            **values,
            "accuracy_interval": interval(found.accuracy, found.rows),  # 95 %
            "classes": dict(zip(self.task.labels, values["classes"], strict=True)),
        }


def ordered(task: TaskSpec, logits: NDArray[np.float64], truth: NDArray[np.int64]) -> Ordered:
    """`logits`: [rows, classes]; `truth`: [rows] class indices."""
    shares, everything = calibration.probabilities(logits), np.arange(len(truth))
    return Ordered(
        scores=scores(truth, logits.argmax(1), classes=len(task.labels)),
        order={metric: ordering.measure(task, metric, shares, truth)(everything) for metric in ordering.METRICS},
    )


def said(
    task: TaskSpec, truth: NDArray[np.int64], answers: NDArray[np.int64], shares: NDArray[np.float64] | None
) -> Said:
    """`truth`, `answers`: [rows] class indices; `shares`: [rows, classes] the probabilities behind these, where there
    are some."""
    right = share(answers == truth)
    whole = right
    if task.metric in ordering.METRICS and shares is not None:
        whole = Measure(metric=task.metric, value=ordering.measure(task, task.metric, shares, truth))
    elif task.metric == "macro_f1":
        value = resampling.macro_f1_of(truth, answers, classes=len(task.labels))
        whole = Measure(metric=task.metric, value=value)
    return Said(
        rows=len(truth),
        whole=whole,
        parts=right,
        loss=(answers != truth).astype(np.float64) if shares is None else 1 - shares[np.arange(len(truth)), truth],
        answers=lambda: [task.labels[at] for at in answers.tolist()],
        truth=lambda: [task.labels[at] for at in truth.tolist()],
    )


def examine(task: TaskSpec, test: Answered, validation: Answered, plain: Baselines) -> Classes:
    """`plain.best`, `plain.constant`: [rows] class indices; `plain.shares` is needed for metrics of the order."""
    labels, truth = task.labels, test.truth
    answers, theirs = test.logits.argmax(1), plain.best
    right, plainly_right = answers == truth, theirs == truth
    shares, unlearnt = calibration.probabilities(test.logits), calibration.probabilities(validation.logits)
    samples = resampling.macro_f1(truth, [answers, theirs], classes=len(labels))
    model, baseline, majority = (scores(truth, one, classes=len(labels)) for one in (answers, theirs, plain.constant))
    of_f1 = (resampling.interval(samples[0]), resampling.interval(samples[1]))
    of_accuracy = (interval(model.accuracy, model.rows), interval(baseline.accuracy, baseline.rows))
    by_f1 = task.metric == "macro_f1"
    if task.metric in ordering.METRICS:
        ours, others = (ordering.measure(task, task.metric, one, truth) for one in (shares, plain.shares))
        compared = resampling.compare(task.metric, plain.name, model.rows, ours, others)
    else:
        compared = Compared(
            metric=task.metric,
            rows=model.rows,
            model=model.value(task.metric),
            baseline=baseline.value(task.metric),
            name=plain.name,
            intervals=of_f1 if by_f1 else of_accuracy,
            chance=(
                resampling.chance_of(*samples)
                if by_f1
                else chance_of(int((right & ~plainly_right).sum()), int((plainly_right & ~right).sum()))
            ),
        )
    return Classes(
        task=task,
        said=(said(task, truth, answers, shares), said(task, truth, theirs, plain.shares)),
        compared=compared,
        model=model,
        baseline=baseline,
        majority=majority,
        macro_f1_intervals=of_f1,
        decided=judge(task.decision, labels, shares, truth),
        thresholds=thresholds.judge(task.decision, labels, (unlearnt, validation.truth), (shares, truth)),
        ranking=ranking.judge(shares, truth, labels),
        calibration=calibration.judge((test.logits, truth), (validation.logits, validation.truth)),
        abstention=examining.abstention(shares.max(1), right),
        mistakes=examining.surest_mistakes(shares, truth, test.numbers, labels),
        doubts=mislabelled.judge(
            labels,
            {
                "validation": (unlearnt, validation.truth, validation.numbers),
                "test": (shares, truth, test.numbers),
            },
        ),
    )
