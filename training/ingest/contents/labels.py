"""Any number of classes a row: a JSON array, or names between separators."""

import polars as pl

from contracts.task import LABELS
from training.ingest.contents import lists
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.readers.table import NOT_TEXT
from training.ingest.remarks import counted, remark

SEPARATORS = ("|", ";", ",")  # tried in this order; names seldom hold the first
BETWEEN = "\x1f"  # joins the names of a key


def read(cells: Cells) -> Values:
    """Each class once, sorted. An empty cell is a row of no class. Faults: those of `lists.strings`.

    Where the customer named no separator, the first of `SEPARATORS` that occurs in the column is it, and is told.
    """
    separator = cells.separator or found_separator(cells.cells)
    series, faults = lists.strings(cells, separator)
    tidy = series.list.eval(pl.element().str.strip_chars()).list.unique().list.sort()
    several = cells.rows.filter((tidy.list.len() > 1).fill_null(value=False))
    message = (
        f"{counted(len(several), 'row has', 'rows have')} more than one label; {separator!r} parts them in a text."
    )
    told = [] if cells.separator else remark("several_labels", "info", message, several)
    return Values(series=tidy, faults=faults, remarks=told)


def found_separator(cells: pl.Series) -> str:
    """The first of `SEPARATORS` that occurs in a text cell."""
    texts = cells.filter(~cells.str.starts_with(NOT_TEXT).fill_null(value=True))
    return next((mark for mark in SEPARATORS if texts.str.contains(mark, literal=True).any()), SEPARATORS[0])


CONTENTS = {
    LABELS: Content(
        read=read,
        empty=lambda labels: pl.lit(value=False) & labels.is_null(),
        key=lambda labels: labels.list.join(BETWEEN),
        classes=lambda labels: labels,
    )
}
