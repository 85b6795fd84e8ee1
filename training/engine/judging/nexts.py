"""What comes next among all items that are known: at which place the item that came was foretold.

Of equally likely items the one that came is the last. One that is not known is never foretold. Steps of one row hang
together, so that rows are what is resampled, with all their steps (the cluster bootstrap, Field & Welsh 2007).
"""

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
from training.engine.judging.said import Drawn

WORST = 20  # rows listed
FEWEST = 5  # steps of a row that is listed: of fewer, luck decides

Ints = NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Placed:
    """`ranks`: [K] from 1, of each step's next item; `owners`: [K] whose it is, positions of rows; `numbers`: of the
    rows in the customer's source; `items`: known ones."""

    ranks: Ints
    owners: Ints
    numbers: list[int]
    items: int

    def value(self, metric: str) -> float:
        """ "accuracy": the share of steps whose next item is foretold first; "mrr": the mean reciprocal rank."""
        return float(self._each(metric).mean())

    def values(self) -> dict[str, float]:
        among = {f"recall_at_{most}": float((self.ranks <= most).mean()) for most in (5, 10)}
        return {"accuracy": self.value("accuracy"), "mrr": self.value("mrr"), **among}

    def measure(self, metric: str) -> Callable[[Drawn], float]:
        """The metric on rows that were drawn."""
        rows = len(self.numbers)
        sums, counts = np.bincount(self.owners, self._each(metric), rows), np.bincount(self.owners, minlength=rows)
        return lambda drawn: float(sums[drawn].sum() / max(1, counts[drawn].sum()))

    def _each(self, metric: str) -> NDArray[np.float64]:
        if metric == "accuracy":
            return np.asarray(self.ranks == 1, dtype=np.float64)
        return np.asarray(np.where(self.ranks > self.items, 0.0, 1 / self.ranks))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row whose items came unforeseen, by its number in the customer's source. `rank`: the median of its steps."""

    row: int
    steps: int
    rank: int


@dataclass(frozen=True, kw_only=True)
class Nexts:
    """`ranks`: of the model, for the drawing."""

    task: TaskSpec
    compared: Compared
    items: int
    steps: int
    model: dict[str, float]
    baseline: dict[str, float]
    constant: dict[str, float]
    ranks: tuple[int, ...]
    worst: tuple[Row, ...]

    def summary(self) -> Summary:
        return {
            **self.model,
            **{f"baseline_{name}": value for name, value in self.baseline.items()},
            "constant_accuracy": self.constant["accuracy"],
            "items": self.items,
            "steps": self.steps,
        }

    def document(self) -> dict[str, Any]:
        return {
            "items": self.items,
            "steps": self.steps,
            "model": self.model,
            "baseline": {"name": self.compared.name, **self.baseline},
            "constant": self.constant,
            "worst_rows": to_data(self.worst),
        }


def examine(task: TaskSpec, ours: Placed, plain: Baselines) -> Nexts:
    """`plain.best`, `plain.constant`: `Placed`."""
    theirs: Placed = plain.best
    return Nexts(
        task=task,
        compared=resampling.compare(
            task.metric, plain.name, len(ours.numbers), ours.measure(task.metric), theirs.measure(task.metric)
        ),
        items=ours.items,
        steps=len(ours.ranks),
        model=ours.values(),
        baseline=theirs.values(),
        constant=plain.constant.values(),
        ranks=tuple(ours.ranks.tolist()),
        worst=_worst(ours),
    )


def _worst(found: Placed) -> tuple[Row, ...]:
    order = np.argsort(found.owners, kind="stable")
    counts = np.bincount(found.owners, minlength=len(found.numbers))
    ranks = np.split(found.ranks[order], counts.cumsum()[:-1])
    medians = [int(np.median(one)) if len(one) >= FEWEST else 0 for one in ranks]
    worst = sorted(range(len(medians)), key=lambda at: -medians[at])[:WORST]
    return tuple(
        Row(row=found.numbers[at], steps=int(counts[at]), rank=medians[at]) for at in worst if medians[at] > 1
    )  # fmt: skip
