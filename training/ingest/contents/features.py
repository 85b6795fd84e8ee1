"""Columns of a table that a model is asked with: numbers, moments, or strings, as their cells say.

A column is of numbers or of moments where at least `MOSTLY` of its filled cells are: below that, whoever exported it
meant texts. What is not, in such a column, becomes empty and is remarked on.
"""

import polars as pl

from contracts.task import FEATURES
from training.ingest import dates
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.contents.texts import SCALARS
from training.ingest.remarks import Remark
from training.ingest.tables.telling import told

MOSTLY = 0.95
NOTHING = ("", "na", "n/a", "nan", "null", "none", "nil", "-", "--", "?", "missing", "unknown", "#n/a", "#null!")


def read(cells: Cells) -> Values:
    """Struct of the customer's columns: Float64, Datetime or String. A row without any value is null. Remarks:
    `broken_number`, `broken_date`."""
    numbers, moments = dict[str, pl.Series](), dict[str, pl.Series]()
    columns = []
    for at, name in enumerate(cells.columns):
        texts = filled(cells.frame[str(at)]).alias(name)
        values, wrong = _typed(texts)
        columns.append(values)
        broken = cells.rows.filter(wrong)
        if len(broken):
            (numbers if values.dtype == pl.Float64 else moments)[name] = broken
    frame = pl.DataFrame(columns)
    empty = frame.select(pl.all_horizontal(pl.all().is_null())).to_series()
    struct = frame.to_struct(cells.role)
    series = struct if not empty.any() else struct.zip_with(~empty, pl.Series([None], dtype=struct.dtype))
    return Values(series=series, remarks=_broken(numbers, "number") + _broken(moments, "date"))


def filled(cells: pl.Series) -> pl.Series:
    """Cells trimmed; null where one says that there is nothing."""
    texts = cells.str.replace(SCALARS, "").str.strip_chars()
    return texts.set(texts.str.to_lowercase().is_in(NOTHING), None)


def _typed(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Values, and which filled cells are none of their type."""
    there = texts.is_not_null()
    needed = MOSTLY * len(texts.drop_nulls())
    numbers = texts.cast(pl.Float64, strict=False)
    numbers = numbers.set(~numbers.is_finite().fill_null(value=False), None)
    if there.any() and numbers.is_not_null().sum() >= needed:
        return numbers, there & numbers.is_null()
    moments = dates.read(texts)
    if there.any() and moments.is_not_null().sum() >= needed:
        return moments, there & moments.is_null()
    return texts, pl.Series([False]).new_from_index(0, len(texts))


def _broken(found: dict[str, pl.Series], noun: str) -> list[Remark]:
    message = f"Columns of {noun}s hold other cells, which count as empty: {{columns}}. Correct them in the file."
    return told(f"broken_{noun}", "warning", message, found)


CONTENTS = {
    FEATURES: Content(
        read=read,
        empty=lambda features: features.is_null(),
        key=lambda features: features.struct.json_encode(),
    )
}
