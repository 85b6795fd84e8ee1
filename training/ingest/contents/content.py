"""What a role holds, and what can be asked of it. One sort of content a file beside this one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from contracts.ingestion import Limits
from contracts.problems import Fault, echo
from training.ingest.places import FIRST, capital, numbered
from training.ingest.readers.table import NOT_TEXT
from training.ingest.remarks import Remark


@dataclass(frozen=True, kw_only=True)
class Cells:
    """The customer's cells of one role, as the reader left them (`readers.table.Table.frame`).

    `frame` has row (source row from 1) and "0", "1", ..., one string column for each of `columns`, the customer's names
    for them. `media`: the files that came along, by the name that cells call them. `separator` parts the labels of a
    cell, where the customer said so.
    """

    role: str
    columns: tuple[str, ...]
    frame: pl.DataFrame
    media: Mapping[str, Path] = field(default_factory=dict)
    separator: str | None = None
    limits: Limits = field(default_factory=Limits)

    @property
    def cells(self) -> pl.Series:
        """Those of the only column."""
        return self.frame["0"]

    @property
    def rows(self) -> pl.Series:
        return self.frame["row"]

    def fault(self, code: str, wrong: pl.Series, message: str) -> list[Fault]:
        """One fault for the rows where `wrong` is true, none where it never is. `{rows}` and `{column}` stand in
        `message` for the rows and the customer's column."""
        rows = self.rows.filter(wrong.fill_null(value=False))
        if not len(rows):
            return []
        places = capital(numbered("row", rows.head(FIRST).to_list(), len(rows)))
        words = message.replace("{rows}", places).replace("{column}", echo(self.columns[0]))
        return [Fault(code=code, message=words, param=f"columns.{self.role}")]

    def missing(self) -> list[Fault]:
        """`missing_key`: rows that lack the column."""
        return self.fault("missing_key", self.cells.is_null(), "{rows}: no {column}. Add it, or remove the row.")


@dataclass(frozen=True, kw_only=True)
class Values:
    """`series` in the type that `contracts.task` names for the content; of no use where there are faults. `files`: the
    media that it names, by their SHA-256."""

    series: pl.Series
    faults: list[Fault] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Content:
    """`read` turns cells into values. `empty` marks those that say nothing: their rows are left out. `key` is a string,
    equal where two values count as the same. `classes`, where rows are counted by class: a list of class names."""

    read: Callable[[Cells], Values]
    empty: Callable[[pl.Expr], pl.Expr]
    key: Callable[[pl.Expr], pl.Expr]
    classes: Callable[[pl.Expr], pl.Expr] | None = None


def stand_in(cell: str) -> tuple[str, str] | None:
    """Type and JSON of a value that is no string, None for a string."""
    if not cell.startswith(NOT_TEXT):
        return None
    kind, _, value = cell[1:].partition(NOT_TEXT)
    return kind, value
