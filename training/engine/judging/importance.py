"""What each column of a table is worth to a model: how much worse it answers where the column's cells are those of
other rows (permutation importance, Breiman 2001). Of two columns that say the same, neither seems to be worth much."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REPEATS = 3  # orders, over which the mean is taken
ROWS = 1_000  # of the test split


@dataclass(frozen=True, kw_only=True)
class Importance:
    """`loss`: what the metric loses, above zero where the model answers worse; in the metric's own unit."""

    column: str
    loss: float


def judge(
    columns: tuple[str, ...], rows: int, score: Callable[[str | None, NDArray[np.int64]], float]
) -> tuple[Importance, ...]:
    """The most important first. `score`: of the answers where a column's cells come in an order; the higher the
    better."""
    random = np.random.default_rng(0)
    orders = [random.permutation(rows) for _ in range(REPEATS)]
    usual = score(None, np.arange(rows))
    found = [
        Importance(column=column, loss=usual - float(np.mean([score(column, order) for order in orders])))
        for column in columns
    ]
    return tuple(sorted(found, key=lambda one: -one.loss))
