"""What happened to a learner, a customer or a machine, in order, and how each of it went."""

import polars as pl

from contracts.task import ITEMS, OUTCOMES
from training.ingest.contents import lists
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.contents.labels import found_separator


def read_items(cells: Cells) -> Values:
    """Faults: those of `lists.strings`; words stand between commas where the customer named no other separator."""
    series, faults = lists.strings(cells, cells.separator or found_separator(cells.cells))
    return Values(series=series, faults=faults)


def read_outcomes(cells: Cells) -> Values:
    """Faults: those of `lists.strings`, `bad_number`."""
    series, faults = lists.strings(cells, cells.separator or found_separator(cells.cells))
    if faults:
        return Values(series=series, faults=faults)
    numbers = series.list.eval(pl.element().cast(pl.Float64, strict=False))
    wrong = numbers.list.eval(~pl.element().is_finite().fill_null(value=False)).list.any()
    message = "{rows}: {column} holds something else than numbers. Write 0 and 1, or a score."
    return Values(series=numbers, faults=cells.fault("bad_number", wrong, message))


def _spelled(values: pl.Expr) -> pl.Expr:
    return values.cast(pl.List(pl.String)).list.join(" ")


CONTENTS = {
    ITEMS: Content(read=read_items, empty=lambda items: items.list.len() == 0, key=_spelled),
    OUTCOMES: Content(read=read_outcomes, empty=lambda outcomes: outcomes.list.len() == 0, key=_spelled),
}
