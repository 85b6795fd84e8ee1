"""Reads a data set version (`contracts.ingestion`: row, a column a role, split). Knows roles by name, no model."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from contracts.ingestion import SPLITS
from contracts.problems import Fault, Problem, echo


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One split, in the order of the source: `row`, a column a role, and what else the version holds."""

    frame: pl.DataFrame

    def __len__(self) -> int:
        return self.frame.height

    def __getitem__(self, role: str) -> list[Any]:
        """A cell a row, as `contracts.task` stores the role's content."""
        return self.frame[role].to_list()

    def of(self, places: list[int]) -> "Rows":
        return Rows(frame=self.frame[places])

    @property
    def numbers(self) -> list[int]:
        """Of the rows in the customer's source, from 1."""
        return self["row"]


def read(path: Path, roles: tuple[str, ...]) -> dict[str, Rows]:
    """Every split of the version, empty ones too; a `Problem` where columns or cells are missing."""
    frame = pl.read_parquet(path)
    columns = ("row", *roles, "split")
    if missing := [name for name in columns if name not in frame.columns]:
        raise Problem("missing_column", f"The data set lacks the column(s) {', '.join(missing)}.", param="data")
    frame = frame.sort("row")
    if faults := _faults(frame, roles):
        raise Problem.of(faults)
    return {name: Rows(frame=frame.filter(pl.col("split") == name).drop("split")) for name in SPLITS}


def _faults(frame: pl.DataFrame, roles: tuple[str, ...]) -> list[Fault]:
    faults = []
    for column in (*roles, "split"):
        empty = frame.filter(pl.col(column).is_null())["row"].to_list()
        if empty:
            message = f"{len(empty)} row(s) have no {column}, the first is row {empty[0]}: fill or remove them."
            faults.append(Fault(code="missing_value", message=message, param=column))
    strange = frame.filter(pl.col("split").is_not_null() & ~pl.col("split").is_in(SPLITS))
    if len(strange):
        message = f"Row {strange['row'][0]} names the split {echo(strange['split'][0])}; known are {', '.join(SPLITS)}."
        faults.append(Fault(code="unknown_split", message=message, param="split"))
    return faults
