"""Texts, and the one class of a row."""

import polars as pl

from contracts.problems import Fault
from contracts.task import LABEL, TEXT
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.folding import blank, folded
from training.ingest.readers.table import NOT_TEXT

SCALARS = rf"^{NOT_TEXT}(?:number|boolean){NOT_TEXT}"


def read_text(cells: Cells) -> Values:
    """Faults: `missing_key`, `wrong_type` (a number, a list ...)."""
    return Values(series=cells.cells, faults=[*cells.missing(), *_no_string(cells, cells.cells)])


def read_label(cells: Cells) -> Values:
    """As a text; a number or a truth value of JSON is its spelling. Faults: `missing_key`, `wrong_type`."""
    labels = cells.cells.str.replace(SCALARS, "")
    return Values(series=labels, faults=[*cells.missing(), *_no_string(cells, labels)])


def _no_string(cells: Cells, values: pl.Series) -> list[Fault]:
    wrong = values.str.starts_with(NOT_TEXT).fill_null(value=False)
    if not wrong.any():
        return []
    kind = values.filter(wrong)[0].removeprefix(NOT_TEXT).partition(NOT_TEXT)[0]
    message = f"{{rows}}: {{column}} is no string (the first is of type {kind}). Write it as one."
    return cells.fault("wrong_type", wrong, message)


CONTENTS = {
    TEXT: Content(read=read_text, empty=blank, key=folded),
    LABEL: Content(read=read_label, empty=blank, key=lambda label: label, classes=pl.concat_list),
}
