"""Cells that hold several strings: a JSON array, or words between separators."""

import json

import polars as pl

from contracts.problems import Fault
from training.ingest.contents.content import Cells, stand_in

NO_LIST = "{rows}: {column} is no list of strings. Write a JSON array, or the words with {separator} between them."


def strings(cells: Cells, separator: str | None) -> tuple[pl.Series, list[Fault]]:
    """List[String]; an array in a text cell counts as one. `separator` None: white space parts the words.

    Faults: `missing_key`, `wrong_type`.
    """
    known: dict[str, list[str] | None] = {}  # cells repeat, those of classes most of all
    values = []
    for cell in cells.cells:
        if cell not in known:
            known[cell] = _strings(cell or "", separator)
        values.append(known[cell])
    series = pl.Series(values, dtype=pl.List(pl.String))
    words = NO_LIST.replace("{separator}", "spaces" if separator is None else f"'{separator}'")
    wrong = series.is_null() & cells.cells.is_not_null()
    return series, [*cells.missing(), *cells.fault("wrong_type", wrong, words)]


def _strings(cell: str, separator: str | None) -> list[str] | None:
    """None where the cell holds something else than strings."""
    given = stand_in(cell)
    if given is None and cell.lstrip().startswith('["'):
        given = ("array", cell)
    if given is None:
        parts = cell.split(separator)
        return [part.strip() for part in parts if part.strip()]
    kind, text = given
    try:
        value = json.loads(text) if kind == "array" else None
    except ValueError:
        return None
    if not isinstance(value, list) or not all(isinstance(each, str | int | float) for each in value):
        return None
    return [each if isinstance(each, str) else json.dumps(each) for each in value]
