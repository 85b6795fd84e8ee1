"""Whether what was foretold of each step went well: how far right, how sure, for whom not, what chance may have done.

Steps of one row hang together, so that rows are what is resampled, with all their steps (the cluster bootstrap, Field &
Welsh 2007). Every step of every row counts alike.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import calibration, examining, ordering, resampling
from training.engine.judging.baseline import Baselines
from training.engine.judging.calibration import Calibration
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.examining import Abstention
from training.engine.judging.said import Drawn

METRICS = ("roc_auc", "accuracy", "log_loss")
WORST = 20  # rows listed
FEWEST = 5  # steps of a row that is listed: of fewer, luck decides
BEHIND = {  # how many steps lie behind
    "none": (0, 0), "1 – 4": (1, 4), "5 – 19": (5, 19), "20 – 99": (20, 99), "100 and more": (100, np.inf),
}  # fmt: skip

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Steps:
    """Of a split: whether each step went well, [T], 0 or 1; whose it is, [T] positions of rows; the rows' numbers in
    the customer's source."""

    went: Ints
    owners: Ints
    numbers: list[int]

    @property
    def behind(self) -> Ints:
        """[T] how many steps of the same row lie before."""
        starts = np.searchsorted(self.owners, np.arange(len(self.numbers)))
        return np.asarray(np.arange(len(self.owners)) - starts[self.owners])


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """`logits`: [T] of going well."""

    steps: Steps
    logits: Floats

    def value(self, metric: str) -> float:
        return self.measure(metric)(np.arange(len(self.steps.numbers)))

    def values(self) -> dict[str, float]:
        return {metric: self.value(metric) for metric in METRICS}

    def measure(self, metric: str) -> Callable[[Drawn], float]:
        """The metric on rows that were drawn; "roc_auc" is 0.5 where all went alike."""
        steps, rows = self.steps, len(self.steps.numbers)
        if metric == "roc_auc":
            auc = ordering.roc_auc(self.logits, steps.went == 1)
            return lambda drawn: auc(np.bincount(drawn, minlength=rows)[steps.owners])
        each = self.right if metric == "accuracy" else self.losses
        sums, counts = np.bincount(steps.owners, each, rows), np.bincount(steps.owners, minlength=rows)
        return lambda drawn: float(sums[drawn].sum() / max(1, counts[drawn].sum()))

    @property
    def right(self) -> Floats:
        """[T]"""
        return np.asarray((self.logits >= 0) == (self.steps.went == 1), dtype=np.float64)

    @property
    def losses(self) -> Floats:
        """[T] nats."""
        return np.logaddexp(0, np.where(self.steps.went == 1, -self.logits, self.logits))


@dataclass(frozen=True, kw_only=True)
class Part:
    """Steps with so many behind them; AUC of model and baseline."""

    name: str
    steps: int
    went: float
    roc_auc: float
    baseline: float


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row whose steps went otherwise than foretold, by its number in the customer's source. `log_loss`: of a step."""

    row: int
    steps: int
    log_loss: float


@dataclass(frozen=True, kw_only=True)
class Outcomes:
    """`went`: the share of steps that went well."""

    task: TaskSpec
    compared: Compared
    steps: int
    went: float
    model: dict[str, float]
    baseline: dict[str, float]
    constant: dict[str, float]
    calibration: Calibration
    abstention: tuple[Abstention, ...]
    behind: tuple[Part, ...]
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {
            **self.model,
            **{f"baseline_{name}": value for name, value in self.baseline.items()},
            "constant_accuracy": self.constant["accuracy"],
            "steps": self.steps,
        }

    def document(self) -> dict[str, Any]:
        return {
            "steps": self.steps,
            "went_well": self.went,
            "model": self.model,
            "baseline": {"name": self.compared.name, **self.baseline},
            "constant": self.constant,
            "calibration": to_data(self.calibration),
            "abstention": to_data(self.abstention),
            "groups": {"steps_behind": to_data(self.behind)},
            "worst_rows": to_data(self.worst),
        }


def examine(task: TaskSpec, test: Foretold, validation: Foretold, plain: Baselines) -> Outcomes:
    """`plain.best`, `plain.constant`: [T] logits."""
    steps = test.steps
    theirs, constant = (Foretold(steps=steps, logits=one) for one in (plain.best, plain.constant))
    return Outcomes(
        task=task,
        compared=resampling.compare(
            task.metric, plain.name, len(steps.numbers), test.measure(task.metric), theirs.measure(task.metric)
        ),
        steps=len(steps.went),
        went=float(steps.went.mean()),
        model=test.values(),
        baseline=theirs.values(),
        constant=constant.values(),
        calibration=calibration.judge(*(_two(one) for one in (test, validation))),
        abstention=examining.abstention(1 / (1 + np.exp(-np.abs(test.logits))), test.right == 1),
        behind=_by_steps(test, theirs),
        worst=_worst(test),
    )


def _two(found: Foretold) -> tuple[Floats, Ints]:
    """As two classes, the second of going well."""
    return np.stack([np.zeros(len(found.logits)), found.logits], axis=1), found.steps.went


def _by_steps(ours: Foretold, theirs: Foretold) -> tuple[Part, ...]:
    found, behind, went = list[Part](), ours.steps.behind, ours.steps.went
    for name, (low, high) in BEHIND.items():
        here = np.flatnonzero((behind >= low) & (behind <= high))
        once = np.ones(len(here), dtype=np.int64)
        if len(here):
            model, baseline = (ordering.roc_auc(one.logits[here], went[here] == 1)(once) for one in (ours, theirs))
            share = float(went[here].mean())
            found.append(Part(name=name, steps=len(here), went=share, roc_auc=model, baseline=baseline))
    return tuple(found)


def _worst(found: Foretold) -> tuple[Row, ...]:
    counts = np.bincount(found.steps.owners, minlength=len(found.steps.numbers))
    means = np.bincount(found.steps.owners, found.losses, len(counts)) / np.maximum(1, counts)
    order = [at for at in np.argsort(-means, kind="stable").tolist() if counts[at] >= FEWEST]
    return tuple(
        Row(row=found.steps.numbers[at], steps=int(counts[at]), log_loss=float(means[at])) for at in order[:WORST]
    )
