"""Tables to numbers and codes: what each of the customer's columns is, learnt from the training rows. Knows no model.

An empty cell is a value of its own: NaN among numbers, `MISSING` among categories. A moment becomes several numbers:
days, and where in the year, the week and the day it lies, each a point on a circle, so that December is near January.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import tau

import numpy as np
import polars as pl
import torch
from torch import Tensor

from contracts.columns import MISSING, OTHER, VALUE, Category, Columns, Number

FEWEST = 2  # training rows that a value of a category stands in, to be one
MOST = 500  # values of a category, the commonest: further ones are as good as a number a row

_DAY = 86_400e6  # microseconds


def _circles(moments: pl.Series) -> dict[str, pl.Series]:
    """Turns, from 0 to 1."""
    hour, minute, second = (
        one.cast(pl.Float64) for one in (moments.dt.hour(), moments.dt.minute(), moments.dt.second())
    )
    day = (hour * 3600 + minute * 60 + second) / 86_400
    return {
        "year": (moments.dt.ordinal_day() - 1 + day) / 366,
        "week": (moments.dt.weekday() - 1 + day) / 7,
        "day": day,
    }


# Of a moment its numbers, by name.
PARTS: dict[str, Callable[[pl.Series], pl.Series]] = {
    "days": lambda moments: moments.dt.epoch("us") / _DAY,  # since 1970-01-01
    **{
        f"{circle}_{name}": lambda moments, circle=circle, name=name: getattr(tau * _circles(moments)[circle], name)()  # type: ignore[misc]
        for circle in ("year", "week", "day")
        for name in ("sin", "cos")
    },
}


@dataclass(frozen=True, kw_only=True)
class Cells:
    """`numbers`: (N, numbers) float64, NaN where empty; `codes`: (N, categories) int64."""

    numbers: Tensor
    codes: Tensor

    def __len__(self) -> int:
        return len(self.codes)

    def of(self, rows: list[int]) -> "Cells":
        return Cells(numbers=self.numbers[rows], codes=self.codes[rows])


def learn(features: pl.Series) -> Columns:
    """`features`: the training rows' structs of the customer's columns."""
    numbers, categories, dropped = list[Number](), list[Category](), list[str]()
    for column in features.struct.unnest().get_columns():
        if _is_number(column):
            found = [VALUE] if _number(column, VALUE).n_unique() > 1 else []
        elif column.dtype.is_temporal():
            found = [part for part in PARTS if _number(column, part).n_unique() > 1]
        else:
            category = _category(column)
            several = _codes(column, category).n_unique() > 1
            categories += [category] if several else []
            dropped += [] if several else [column.name]
            continue
        numbers += [Number(column=column.name, part=part) for part in found]
        dropped += [] if found else [column.name]
    return Columns(numbers=tuple(numbers), categories=tuple(categories), dropped=tuple(dropped))


def read(columns: Columns, features: pl.Series) -> Cells:
    frame, rows = features.struct.unnest(), len(features)
    numbers = [_number(frame[one.column], one.part).fill_null(float("nan")).to_numpy() for one in columns.numbers]
    codes = [_codes(frame[one.column], one).to_numpy() for one in columns.categories]
    return Cells(
        numbers=torch.from_numpy(np.stack(numbers, axis=1) if numbers else np.empty((rows, 0))),
        codes=torch.from_numpy(np.stack(codes, axis=1) if codes else np.empty((rows, 0), dtype=np.int64)),
    )


def exchanged(columns: Columns, cells: Cells, column: str, order: Tensor) -> Cells:
    """The same, but for one of the customer's columns, whose cells are those of other rows. `order`: (N,)."""
    numbers, codes = cells.numbers.clone(), cells.codes.clone()
    for found, names in (
        (numbers, [one.column for one in columns.numbers]),
        (codes, [one.column for one in columns.categories]),
    ):
        for at, name in enumerate(names):
            if name == column:
                found[:, at] = found[order, at]
    return Cells(numbers=numbers, codes=codes)


def _is_number(column: pl.Series) -> bool:
    return column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)


def _number(column: pl.Series, part: str) -> pl.Series:
    """Float64; null where empty or endless."""
    values = (column if part == VALUE else PARTS[part](column)).cast(pl.Float64)
    return values.set(~values.is_finite().fill_null(value=True), None)


def _category(column: pl.Series) -> Category:
    counts = column.cast(pl.String).drop_nulls().value_counts(name="rows")
    counts = counts.filter(pl.col("rows") >= FEWEST).sort(["rows", column.name], descending=[True, False]).head(MOST)
    filled = len(column) - column.null_count()
    return Category(
        column=column.name,
        values=tuple(counts[column.name].to_list()),
        rare=(filled - int(counts["rows"].sum())) / len(column),
    )


def _codes(column: pl.Series, category: Category) -> pl.Series:
    """Int64."""
    texts, codes = column.cast(pl.String), range(OTHER + 1, OTHER + 1 + len(category.values))
    found = texts.replace_strict(category.values, codes, default=OTHER, return_dtype=pl.Int64)
    return found.set(texts.is_null(), MISSING)
