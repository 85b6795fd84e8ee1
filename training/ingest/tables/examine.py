"""What is remarked on a table's columns: emptiness, sameness, names of rows, the answer itself, far-out numbers,
impossible ones, and cells that do not look like the rest of theirs."""

import re

import polars as pl

from training.ingest.remarks import Remark
from training.ingest.tables import cells
from training.ingest.tables.telling import named, told

MOSTLY_EMPTY = 0.2  # of the cells
NAMES_ROWS = 0.95  # of the filled cells differ: an id, which teaches nothing that holds for new rows
FAR = 3  # times the middle half's width beyond its ends: Tukey's "far out" (1977)
FEW = 0.01  # of the rows: numbers of which more are far out have long tails, not outliers
SAMPLE = 100_000  # rows whose looks are compared; beyond, the first ones

# Words in a column's name -> what its numbers can be.
POSSIBLE: dict[str, tuple[float, float]] = {
    "age": (0, 130),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "percent": (0, 100),
    "percentage": (0, 100),
    "price": (0, float("inf")),
    "quantity": (0, float("inf")),
    "count": (0, float("inf")),
    "weight": (0, float("inf")),
    "height": (0, float("inf")),
    "distance": (0, float("inf")),
    "duration": (0, float("inf")),
}
DAMAGE = {
    "rare_spelling": "Values one letter away from a frequent one of their column: {columns}. Are they slips?",
    "odd_format": "Cells written otherwise than nearly all of their column: {columns}. Write all alike.",
    "broken_dependency": "Cells that contradict what other columns of their row say everywhere else: {columns}.",
}


def examine(rows: pl.Series, features: pl.Series, target: pl.Series) -> list[Remark]:
    """`rows`: source rows; `features`: `contents.features`; `target`: a key, equal where answers are."""
    table = features.struct.unnest()
    numbers = table.select(pl.col(pl.Float64))
    return [
        *_empty(table),
        *_constant(table),
        *_ids(table),
        *_answers(table, target),
        *told(
            "outlier", "info",
            "Numbers far from the rest of their column: {columns}. Correct them if they are slips.",
            _where(rows, {name: _far(numbers[name]) for name in numbers.columns}),
        ),
        *told(
            "impossible_value", "warning", "Numbers that what their column is called cannot have: {columns}.",
            _where(rows, {name: _impossible(name, numbers[name]) for name in numbers.columns}),
        ),
        *_damage(rows, table),
    ]  # fmt: skip


def _where(rows: pl.Series, marked: dict[str, pl.Series]) -> dict[str, pl.Series]:
    found = {name: rows.filter(mark.fill_null(value=False)) for name, mark in marked.items()}
    return {name: those for name, those in found.items() if len(those)}


def _empty(table: pl.DataFrame) -> list[Remark]:
    columns = [name for name in table.columns if table[name].null_count() > MOSTLY_EMPTY * table.height]
    message = f"More than {MOSTLY_EMPTY:.0%} of their cells are empty: {{columns}}."
    return named("mostly_empty", "info", message, columns)


def _constant(table: pl.DataFrame) -> list[Remark]:
    columns = [name for name in table.columns if table[name].drop_nulls().n_unique() < 2]
    return named(
        "constant_column", "info", "The same in every row, so nothing is learnt from them: {columns}.", columns
    )


def _ids(table: pl.DataFrame) -> list[Remark]:
    """Strings, or rising whole numbers, that differ in nearly every row."""
    columns = []
    for name in table.columns:
        values = table[name].drop_nulls()
        whole = values.dtype == pl.Float64 and bool((values == values.round()).all())
        if (values.dtype == pl.String or whole) and len(values) and values.n_unique() > NAMES_ROWS * len(values):
            columns.append(name)
    message = "They name rows: nearly every cell differs, so what is learnt from them holds for no new row: {columns}."
    return named("id_column", "warning", message, columns)


def _answers(table: pl.DataFrame, target: pl.Series) -> list[Remark]:
    """Columns of few values each of which goes with one answer alone."""
    columns = []
    for name in table.columns:
        pairs = pl.DataFrame([table[name].alias("value"), target.alias("target")]).drop_nulls()
        values = pairs["value"].n_unique()
        if 1 < values <= pairs.height / 2 and pairs.unique().height == values and target.n_unique() > 1:
            columns.append(name)
    message = "They decide the answer by themselves: {columns}. Are they known before it is?"
    return named("target_leak", "warning", message, columns)


def _far(numbers: pl.Series) -> pl.Series:
    low, high = numbers.quantile(0.25, "linear"), numbers.quantile(0.75, "linear")
    none = numbers.is_null() & False
    if low is None or high is None or high == low:
        return none
    far = (numbers < low - FAR * (high - low)) | (numbers > high + FAR * (high - low))
    return far if far.sum() <= FEW * len(numbers) else none


def _impossible(name: str, numbers: pl.Series) -> pl.Series:
    words = re.split(r"[\W_\d]+", name.lower())
    bounds = [POSSIBLE[word] for word in words if word in POSSIBLE]
    if not bounds:
        return numbers.is_null() & False
    return (numbers < bounds[0][0]) | (numbers > bounds[0][1])


def _damage(rows: pl.Series, table: pl.DataFrame) -> list[Remark]:
    strings = table.select(pl.col(pl.String)).head(SAMPLE)
    remarks = []
    for code, found in cells.suspicious(strings).items():
        remarks += told(code, "info", DAMAGE[code], _where(rows.head(SAMPLE), found))
    return remarks
