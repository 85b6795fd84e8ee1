"""What each column of a table is worth to a model: how much worse it answers where the column's cells are those of
other rows (permutation importance, Breiman 2001). Of two columns that say the same, neither seems to be worth much."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

REPEATS = 3  # orders, over which the mean is taken
ROWS, FEWEST = 1_000, 50  # of the test split: more hardly tell more, and fewer tell nothing
CELLS = 30_000_000  # read in all: a minute or two


@dataclass(frozen=True, kw_only=True)
class Importance:
    """`loss`: what the metric loses, above zero where the model answers worse; in the metric's own unit."""

    column: str
    loss: float


def affordable(columns: int, rows: int) -> int:
    """How many of the rows to look at; none where there are so many columns that it would take hours."""
    found = min(ROWS, rows, CELLS // (REPEATS * columns**2))
    return found if found >= min(FEWEST, rows) else 0


def judge(
    columns: tuple[str, ...], rows: int, score: Callable[[str | None, NDArray[np.int64]], float]
) -> tuple[Importance, ...]:
    """The most important first. `score`: of the answers where a column's cells come in an order; the higher the
    better. Nothing where `rows` is 0."""
    if rows == 0:
        return ()
    random = np.random.default_rng(0)
    orders = [random.permutation(rows) for _ in range(REPEATS)]
    usual = score(None, np.arange(rows))
    found = [
        Importance(column=column, loss=usual - float(np.mean([score(column, order) for order in orders])))
        for column in columns
    ]
    return tuple(sorted(found, key=lambda one: -one.loss))
