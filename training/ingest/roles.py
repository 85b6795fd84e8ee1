"""The customer's cells become values: each role by its content, and beside them the column that decides the split."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from contracts.ingestion import IngestionSpec
from contracts.problems import Fault, Problem
from training.ingest import checks
from training.ingest.columns import Choice, several
from training.ingest.contents import CONTENTS
from training.ingest.contents.content import Cells
from training.ingest.names import plain
from training.ingest.readers.table import Table
from training.ingest.remarks import Remark
from training.ingest.version import BY


@dataclass(frozen=True, kw_only=True)
class Rows:
    """`frame`: row (from 1), a column a role, and `by` where there is one. `files`: the media, by their SHA-256."""

    frame: pl.DataFrame
    remarks: tuple[Remark, ...]
    files: dict[str, Path]


def read(spec: IngestionSpec, table: Table, choice: Choice) -> Rows:
    """Raises `Problem` with the faults of all roles."""
    rows = pl.int_range(1, table.rows + 1, dtype=pl.Int64, eager=True).alias("row")
    frame, faults, remarks, files = pl.DataFrame([rows]), list[Fault](), list[Remark](), dict[str, Path]()
    for role in choice.form.roles:
        names = several(choice.columns[role.name])
        cells = Cells(
            role=role.name, columns=names, frame=_cells(table, names).with_columns(rows), media=table.media,
            separator=spec.label_separator, limits=spec.limits,
        )  # fmt: skip
        values = CONTENTS[role.content].read(cells)
        frame = frame.with_columns(values.series.alias(role.name))
        faults += values.faults
        remarks += values.remarks
        files |= values.files
    faults = faults or checks.unequal(frame, choice.form, choice.columns)
    if faults:
        raise Problem.of(faults)
    by = _by(spec, table)
    whole = frame if by is None else frame.with_columns(by.fill_null("").alias(BY))
    return Rows(frame=whole, remarks=tuple(remarks), files=files)


def _cells(table: Table, names: tuple[str, ...]) -> pl.DataFrame:
    at = {str(number): str(table.columns.index(name)) for number, name in enumerate(names)}
    return table.frame.select(pl.col(position).alias(number) for number, position in at.items()).collect()


def _by(spec: IngestionSpec, table: Table) -> pl.Series | None:
    """The column that the split names, or one called "split" where it names none."""
    named = spec.split.column
    if named is None and spec.split.method is None:
        named = next((name for name in table.columns if plain(name) == "split"), None)
    return None if named is None else _cells(table, (named,))["0"].str.replace("^\0(number|boolean)\0", "")
