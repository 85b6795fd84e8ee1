"""What is refused once rows and roles are known. Every fault here names rows or counts; all are reported at once."""

import polars as pl

from contracts.problems import Fault, echo
from contracts.task import MAX_LABELS
from training.ingest.places import FIRST, capital, numbered
from training.ingest.readers.table import NOT_TEXT

MIN_ROWS = 10  # with the usual shares this is one row for validation and one for the test


def unreadable(frame: pl.DataFrame, columns: dict[str, str]) -> list[Fault]:
    """Cells that are no text: `missing_key` (the row lacks the column) and `wrong_type` (a number, a list ...)."""
    faults = []
    for role, column in columns.items():
        missing = frame.filter(pl.col(role).is_null())["row"]
        if len(missing):
            message = f"{_rows(missing)}: no {echo(column)}. Add it, or remove the row."
            faults.append(Fault(code="missing_key", message=message, param=f"columns.{role}"))
        wrong = frame.filter(pl.col(role).str.starts_with(NOT_TEXT))
        if wrong.height:
            kind = wrong[role][0].removeprefix(NOT_TEXT)
            message = (
                f"{_rows(wrong['row'])}: {echo(column)} is no string (the first is of type {kind}). Write it as one."
            )
            faults.append(Fault(code="wrong_type", message=message, param=f"columns.{role}"))
    return faults


def unusable(frame: pl.DataFrame, dropped: int) -> list[Fault]:
    """Too few rows, too few or too many labels. `frame`: the rows with text and label; `dropped`: how many had not."""
    without = f" ({dropped:,} without text or label do not count)" if dropped else ""
    if not frame.height:
        return [Fault(code="empty_dataset", message=f"No row has both a text and a label{without}.", param="file")]
    faults = []
    if frame.height < MIN_ROWS:
        message = f"{frame.height} usable rows{without}; at least {MIN_ROWS} are needed."
        faults.append(Fault(code="too_few_rows", message=message, param="file"))
    labels = frame["label"].n_unique()
    if labels == 1:
        message = f"Every row has the label {echo(frame['label'][0])}. A classifier needs at least two."
        faults.append(Fault(code="one_class", message=message, param="columns.label"))
    if labels > MAX_LABELS:
        message = f"The label column has {labels:,} values; at most {MAX_LABELS:,} are allowed. Is it the right one?"
        faults.append(Fault(code="too_many_labels", message=message, param="columns.label"))
    return faults


def _rows(rows: pl.Series) -> str:
    return capital(numbered("row", rows.head(FIRST).to_list(), len(rows)))
