"""Boxes around things in a picture: a class and two corners, in pixels from the upper left."""

import json
from typing import Any

import polars as pl

from contracts.task import BOXES
from training.ingest.contents.content import Cells, Content, Values, stand_in

CORNERS = ("xmin", "ymin", "xmax", "ymax")
TYPE = pl.List(pl.Struct({"label": pl.String, **dict.fromkeys(CORNERS, pl.Float64)}))


def read(cells: Cells) -> Values:
    """Of each box `["WBC", xmin, ymin, xmax, ymax]` or an object of these names. Faults: `missing_key`, `bad_boxes`.

    A picture without boxes is one: an empty array, or an empty cell.
    """
    values = [_boxes(cell or "") for cell in cells.cells]
    series = pl.Series(values, dtype=TYPE)
    message = '{rows}: {column} holds no boxes. Write an array of ["class", xmin, ymin, xmax, ymax], in pixels.'
    wrong = series.is_null() & cells.cells.is_not_null()
    return Values(series=series, faults=[*cells.missing(), *cells.fault("bad_boxes", wrong, message)])


def _boxes(cell: str) -> list[dict[str, Any]] | None:
    if not cell.strip():
        return []
    given = stand_in(cell) or ("array", cell)
    try:
        boxes = json.loads(given[1]) if given[0] == "array" else None
        return None if boxes is None else [_box(each) for each in boxes]
    except (ValueError, TypeError, KeyError):
        return None


def _box(value: Any) -> dict[str, Any]:
    label, *corners = [value[name] for name in ("label", *CORNERS)] if isinstance(value, dict) else value
    numbers = [float(each) for each in corners]
    if len(numbers) != len(CORNERS) or not isinstance(label, str | int) or not all(abs(each) < 1e9 for each in numbers):
        raise ValueError("no box")
    return {"label": str(label), **dict(zip(CORNERS, numbers, strict=True))}


CONTENTS = {
    BOXES: Content(
        read=read,
        empty=lambda boxes: pl.lit(value=False) & boxes.is_null(),
        key=lambda boxes: boxes.list.eval(pl.element().struct.json_encode()).list.join(" "),
        classes=lambda boxes: boxes.list.eval(pl.element().struct.field("label")),
    )
}
