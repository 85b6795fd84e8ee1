"""What a model answers to the rows of a split, whatever kind of answers these are: as far as models can be compared by
them, and parts of a split with each other."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Drawn = NDArray[np.int64]  # positions of rows, one as often as it stands there


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`value`: the metric on rows that were drawn. `right`: [rows] whether the answer is, where the metric is the share
    of these."""

    metric: str
    value: Callable[[Drawn], float]
    right: NDArray[np.bool_] | None = None


@dataclass(frozen=True, kw_only=True)
class Said:
    """`whole`: by the task's metric; `parts`: what parts of the rows are measured by, which may lack a class or hold
    numbers that are all alike. `loss`: [rows] how far off each answer is, in the same unit for all models. `answers`,
    `truth`: each row's in words, none of them of its own text; made only when asked for."""

    rows: int
    whole: Measure
    parts: Measure
    loss: NDArray[np.float64]
    answers: Callable[[], list[str]]
    truth: Callable[[], list[str]]


def share(right: NDArray[np.bool_]) -> Measure:
    """Of the rows that are answered rightly."""
    return Measure(metric="accuracy", value=lambda drawn: float(right[drawn].mean()), right=right)
