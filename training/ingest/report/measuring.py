"""How long texts are and how large numbers, by split: what a report draws."""

import math

import polars as pl

from contracts.ingestion import SPLITS, Histogram
from contracts.task import AUDIO, ITEMS, LABELS, NUMBER, TEXT, TOKENS, Form

LENGTHS = (0, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)  # open at its end
COUNTS = (0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)
RANGES = 20  # of a number


def histograms(frame: pl.DataFrame, form: Form) -> tuple[Histogram, ...]:
    """`frame`: the form's roles and `split`."""
    found = []
    for role in form.roles:
        name = role.name
        if role.content == TEXT:
            found.append(histogram(frame, pl.col(name).str.len_chars(), f"Length of {name}", "characters", LENGTHS))
        elif role.content in (TOKENS, ITEMS, LABELS):
            found.append(histogram(frame, pl.col(name).list.len(), f"Length of {name}", name, COUNTS))
        elif role.content == AUDIO:
            seconds = pl.col(name).struct.field("seconds")
            found.append(
                histogram(frame, seconds, f"Length of {name}", "seconds", _round(frame.select(seconds).to_series()))
            )
        elif role.content == NUMBER:
            found.append(histogram(frame, pl.col(name), name.capitalize(), "", _round(frame[name])))
    return tuple(found)


def histogram(frame: pl.DataFrame, value: pl.Expr, title: str, unit: str, edges: tuple[float, ...]) -> Histogram:
    """Rows by range and split; `frame` holds `split`."""
    place = pl.sum_horizontal((value >= edge).cast(pl.Int32) for edge in edges) - 1
    counted = frame.select("split", place.alias("place")).group_by("split", "place").len().rows()
    counts = {split: [0] * len(edges) for split in SPLITS}
    for split, at, rows in counted:
        counts[split][max(at, 0)] += rows
    last = max((at for found in counts.values() for at, rows in enumerate(found) if rows), default=0)
    return Histogram(
        title=title, unit=unit, edges=tuple(map(float, edges[: last + 1])),
        counts={split: tuple(found[: last + 1]) for split, found in counts.items()},
    )  # fmt: skip


def _round(values: pl.Series) -> tuple[float, ...]:
    """About `RANGES` ranges between round numbers: steps of 1, 2 or 5 times a power of ten."""
    low, high = float(values.min() or 0), float(values.max() or 0)  # type: ignore[arg-type]
    width = (high - low) / RANGES or 1.0
    power = 10.0 ** math.floor(math.log10(width))
    step = next(power * by for by in (1, 2, 5, 10) if power * by >= width * 0.999)
    first = math.floor(low / step)
    return tuple(round((first + at) * step, 12) for at in range(math.floor(high / step) - first + 1))
