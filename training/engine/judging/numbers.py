"""Answers that are a number a row: how near they are, how far chance may have moved that, and where they are worst."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import resampling
from training.engine.judging.baseline import Baselines
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.importance import Importance
from training.engine.judging.said import Measure, Said

MISSES = 20  # listed
POINTS = 1_000  # drawn of answers against truth
OF_PARTS = ("rmse", "mae")  # the others compare with how far apart the rows are, which a part may hardly be

Numbers64 = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class NumberScores:
    """Errors in the target's own unit; R² is 0 for the mean of the test rows; correlations are 0 where the answers are
    all alike."""

    rows: int
    rmse: float
    mae: float
    r2: float
    spearman: float
    pearson: float

    def value(self, metric: str) -> float:
        found: float = getattr(self, metric)
        return found

    def values(self) -> dict[str, float]:
        return {name: value for name, value in vars(self).items() if name != "rows"}


@dataclass(frozen=True, kw_only=True)
class Miss:
    """An answer far off. Rows are named by their number in the customer's source."""

    row: int
    true: float
    answered: float


@dataclass(frozen=True, kw_only=True)
class Numbers:
    """`said`: by model and baseline; `points`: truth and answer of rows, for the drawing. `importance`: of columns,
    where the rows have some."""

    task: TaskSpec
    said: tuple[Said, Said]
    compared: Compared
    model: NumberScores
    baseline: NumberScores
    constant: NumberScores
    misses: tuple[Miss, ...]
    points: tuple[tuple[float, float], ...]
    importance: tuple[Importance, ...] = ()

    def summary(self) -> Summary:
        return {
            **self.model.values(),
            **{f"baseline_{name}": value for name, value in self.baseline.values().items()},
            "constant_rmse": self.constant.rmse,
        }

    def document(self) -> dict[str, Any]:
        return {
            "model": to_data(self.model),
            "baseline": {"name": self.compared.name, **to_data(self.baseline)},
            "constant": to_data(self.constant),
            "largest_misses": to_data(self.misses),
            **({"columns": to_data(self.importance)} if self.importance else {}),
        }


def scores(truth: Numbers64, answers: Numbers64) -> NumberScores:
    return NumberScores(rows=len(truth), **{metric: one(truth, answers) for metric, one in FIGURES.items()})


def said(task: TaskSpec, truth: Numbers64, answers: Numbers64) -> Said:
    def measure(metric: str) -> Measure:
        return Measure(metric=metric, value=lambda drawn: FIGURES[metric](truth[drawn], answers[drawn]))

    return Said(
        rows=len(truth),
        whole=measure(task.metric),
        parts=measure(task.metric if task.metric in OF_PARTS else OF_PARTS[0]),
        loss=np.abs(answers - truth),
        answers=lambda: [f"{one:.4g}" for one in answers],
        truth=lambda: [f"{one:.4g}" for one in truth],
    )


def examine(task: TaskSpec, truth: Numbers64, answers: Numbers64, plain: Baselines, numbers: list[int]) -> Numbers:
    """`numbers`: of the rows in the customer's source."""
    worst = np.argsort(-np.abs(answers - truth), kind="stable")[:MISSES]
    ours, theirs = (said(task, truth, one) for one in (answers, plain.best))
    return Numbers(
        task=task,
        said=(ours, theirs),
        compared=resampling.compare(
            task.metric,
            plain.name,
            len(truth),
            ours.whole.value,
            theirs.whole.value,
        ),
        model=scores(truth, answers),
        baseline=scores(truth, plain.best),
        constant=scores(truth, plain.constant),
        misses=tuple(
            Miss(row=numbers[index], true=float(truth[index]), answered=float(answers[index]))
            for index in worst.tolist()
        ),
        points=tuple(zip(truth[:POINTS].tolist(), answers[:POINTS].tolist(), strict=True)),
    )


def _ranks(values: Numbers64) -> Numbers64:
    """From 1, equal values sharing the mean of theirs."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum()
    return np.asarray(((last - counts + 1 + last) / 2)[place])


def _correlation(one: Numbers64, other: Numbers64) -> float:
    """Pearson's; 0 where either is constant."""
    one, other = one - one.mean(), other - other.mean()
    size = float(np.sqrt((one**2).sum() * (other**2).sum()))
    return float((one * other).sum()) / size if size > 0 else 0.0


def _r2(truth: Numbers64, answers: Numbers64) -> float:
    return float(1 - ((answers - truth) ** 2).sum() / max(1e-12, ((truth - truth.mean()) ** 2).sum()))


# Each by itself: it is asked for a thousand times.
FIGURES: dict[str, Callable[[Numbers64, Numbers64], float]] = {
    "rmse": lambda truth, answers: float(np.sqrt(((answers - truth) ** 2).mean())),
    "mae": lambda truth, answers: float(np.abs(answers - truth).mean()),
    "r2": _r2,
    "spearman": lambda truth, answers: _correlation(_ranks(truth), _ranks(answers)),
    "pearson": _correlation,
}
