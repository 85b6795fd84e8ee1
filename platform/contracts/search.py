"""A search over hyperparameters: what is asked for, what is known of its trials, and what a trial's child is told."""

import math
from dataclasses import dataclass, field

STRATEGIES = ("tpe", "random", "grid")
PRUNINGS = ("median", "successive_halving", "none")

Value = int | float | str


@dataclass(frozen=True, kw_only=True)
class Range:
    """Both ends belong to it; `log`: every factor is as likely as every other."""

    low: float
    high: float
    log: bool = False


Choices = tuple[Value, ...]
Space = dict[str, Range | Choices]  # by the name of the hyperparameter, or `method` or `model`


@dataclass(frozen=True, kw_only=True)
class Search:
    """`trials`: trainings at most; `minutes`: of wall time since the first of them began; `parallel`: at a time."""

    strategy: str = "tpe"
    trials: int = 20
    minutes: int | None = None
    parallel: int = 1
    pruning: str = "median"
    space: Space = field(default_factory=dict)

    @property
    def points(self) -> int:
        """Of a grid."""
        return math.prod(len(one) for one in self.space.values() if not isinstance(one, Range))


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A trial as its row tells it. `state`: queued, running, completed, pruned, failed or cancelled. `value`: of the
    task's metric on validation, the best epoch's, once it has ended; `values`: the same of each epoch so far.
    `parameters` of one that failed may be none."""

    number: int
    state: str
    parameters: dict[str, Value]
    value: float | None = None
    values: tuple[float, ...] = ()
    seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Question:
    """Which parameters a trial is to have, given those before it. A pure function: the same question is always
    answered alike."""

    search: Search
    number: int  # from 1
    seed: int
    metric: str
    earlier: tuple[Tried, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A training that is only to be validated. `nearest`: it has the settings that would be taken without a search, or
    those that the space has nearest to them."""

    number: int
    search: Search
    nearest: bool = False
    earlier: tuple[Tried, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Searched:
    """A search that has ended. `chosen`: the number of the trial whose parameters the model is trained with; None where
    no trial had ended."""

    search: Search
    trials: tuple[Tried, ...]
    chosen: int | None
