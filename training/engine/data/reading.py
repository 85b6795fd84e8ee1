"""Reads a data set version (`contracts.ingestion`: row, text, label, split) into lists. Knows no task, no model."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts.ingestion import SPLITS
from contracts.problems import Fault, Problem, echo

COLUMNS = ("row", "text", "label", "split")


@dataclass(frozen=True, kw_only=True)
class Rows:
    """One split. `numbers` are the rows of the customer's source, from 1; the three lists run in parallel."""

    numbers: list[int]
    texts: list[str]
    labels: list[str]

    def __len__(self) -> int:
        return len(self.texts)


def read(path: Path) -> dict[str, Rows]:
    """Every split of the version, empty ones too; a `Problem` where columns or cells are missing."""
    frame = pl.read_parquet(path)
    if missing := [name for name in COLUMNS if name not in frame.columns]:
        raise Problem("missing_column", f"The data set lacks the column(s) {', '.join(missing)}.", param="data")
    frame = frame.select(COLUMNS).sort("row")
    if faults := _faults(frame):
        raise Problem.of(faults)
    return {name: _rows(frame.filter(pl.col("split") == name)) for name in SPLITS}


def _faults(frame: pl.DataFrame) -> list[Fault]:
    faults = []
    for column in ("text", "label", "split"):
        empty = frame.filter(pl.col(column).is_null())["row"].to_list()
        if empty:
            message = f"{len(empty)} row(s) have no {column}, the first is row {empty[0]}: fill or remove them."
            faults.append(Fault(code="missing_value", message=message, param=column))
    strange = frame.filter(pl.col("split").is_not_null() & ~pl.col("split").is_in(SPLITS))
    if len(strange):
        message = f"Row {strange['row'][0]} names the split {echo(strange['split'][0])}; known are {', '.join(SPLITS)}."
        faults.append(Fault(code="unknown_split", message=message, param="split"))
    return faults


def _rows(frame: pl.DataFrame) -> Rows:
    return Rows(numbers=frame["row"].to_list(), texts=frame["text"].to_list(), labels=frame["label"].to_list())
