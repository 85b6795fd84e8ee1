"""How well the words of texts are foretold that a model has never read, before and after: perplexity and hits."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from contracts.codec import to_data
from contracts.task import TaskSpec
from training.engine.judging import resampling
from training.engine.judging.compared import Compared, Summary
from training.engine.judging.writings import LONGEST

METRICS = ("perplexity", "accuracy")
WORST = 20  # listed

Each = NDArray[np.float64]  # [rows]


@dataclass(frozen=True, kw_only=True)
class Foretold:
    """Of each text, summed: `nats` that what was to be foretold cost; `tokens` these were, counted as the base cuts
    words up, so that two tokenizers compare; `asked` to be foretold, and `hits` of them that were the likeliest."""

    nats: Each
    tokens: Each
    asked: Each
    hits: Each

    def value(self, metric: str, rows: NDArray[np.int64] | None = None) -> float:
        """`rows`: positions, one as often as it stands there. Of rows where nothing is to be foretold, 1 and 0."""
        chosen = slice(None) if rows is None else rows
        if metric == "accuracy":
            return float(self.hits[chosen].sum() / max(1.0, self.asked[chosen].sum()))
        return math.exp(min(LONGEST, float(self.nats[chosen].sum() / max(1.0, self.tokens[chosen].sum()))))

    def values(self) -> dict[str, float]:
        return {metric: self.value(metric) for metric in METRICS}

    @property
    def loss(self) -> float:
        """Nats a token."""
        return float(self.nats.sum() / max(1.0, self.tokens.sum()))


@dataclass(frozen=True, kw_only=True)
class Row:
    """A test row that is foretold badly, by its number in the customer's source. `before`, `after`: nats a token."""

    row: int
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class Foretelling:
    """`figures`: a metric each, beside the baseline's; `weaker`: the other baselines' figures, by name; `costs`: nats a
    token of each test row that has something to foretell, before and after; `asked`: what was to be foretold, in all.
    """

    task: TaskSpec
    figures: dict[str, Compared]
    weaker: dict[str, dict[str, float]]
    costs: tuple[tuple[float, float], ...]
    asked: int
    worst: tuple[Row, ...]

    @property
    def compared(self) -> Compared:
        return self.figures[self.task.metric]

    def summary(self) -> Summary:
        return {
            **{name: one.model for name, one in self.figures.items()},
            **{f"baseline_{name}": one.baseline for name, one in self.figures.items()},
        }

    def document(self) -> dict[str, Any]:
        return {
            "figures": to_data(self.figures),
            "weaker_baselines": self.weaker,
            "foretold": self.asked,
            "worst_rows": to_data(self.worst),
        }


def examine(
    task: TaskSpec, ours: Foretold, name: str, theirs: Foretold, weaker: dict[str, Foretold], numbers: list[int]
) -> Foretelling:
    """`name`, `theirs`: the baseline and what it foretold; `weaker`: other ones; `numbers`: of the test rows."""

    def on(found: Foretold, metric: str) -> Any:
        return lambda rows: found.value(metric, rows)

    figures = {
        metric: resampling.compare(metric, name, len(numbers), on(ours, metric), on(theirs, metric))
        for metric in METRICS
    }
    some = np.flatnonzero(ours.tokens)
    after, earlier = (one.nats[some] / one.tokens[some] for one in (ours, theirs))
    worst = np.argsort(-after, kind="stable")[:WORST].tolist()
    return Foretelling(
        task=task,
        figures=figures,
        weaker={other: found.values() for other, found in weaker.items()},
        costs=tuple(zip(earlier.tolist(), after.tolist(), strict=True)),
        asked=int(ours.asked.sum()),
        worst=tuple(Row(row=numbers[some[at]], before=float(earlier[at]), after=float(after[at])) for at in worst),
    )
