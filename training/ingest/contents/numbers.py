"""Numbers a model learns to answer: a score, a price, minutes."""

import polars as pl

from contracts.task import NUMBER
from training.ingest.contents.content import Cells, Content, Values
from training.ingest.contents.texts import SCALARS

EMPTY = -float("inf")  # no cell can hold it: a stand-in for an empty one, so that its row is left out and counted


def read(cells: Cells) -> Values:
    """Decimal points, no thousands separators: "3,5" is three and a half here and 35 elsewhere, so it is asked about.

    An empty cell is one without a number. Faults: `missing_key`, `bad_number`.
    """
    texts = cells.cells.str.replace(SCALARS, "").str.strip_chars()
    numbers = texts.cast(pl.Float64, strict=False)
    empty = (texts == "").fill_null(value=False)
    wrong = texts.is_not_null() & ~empty & ~numbers.is_finite().fill_null(value=False)
    message = '{rows}: {column} is no finite number. Write it with a decimal point and no unit, such as "1234.5".'
    values = numbers.set(empty, EMPTY)
    return Values(series=values, faults=[*cells.missing(), *cells.fault("bad_number", wrong, message)])


CONTENTS = {
    NUMBER: Content(read=read, empty=lambda number: number == EMPTY, key=lambda number: number.cast(pl.String)),
}
