"""By time: what is learnt from comes before what it is tested on, as in use."""

import polars as pl

from contracts.ingestion import SplitSpec
from contracts.problems import Problem, echo
from training.ingest.remarks import Remark, counted, remark

FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%Y-%m")  # those that mean one day whoever reads them
# Of which a column decides: where only one of a pair can read all of it, that one is meant.
PAIRS = (("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%Y", "%m/%d/%Y"))
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", "T%H:%M:%S", "T%H:%M:%S%.f", "T%H:%M:%S%#z", "T%H:%M:%S%.f%#z")
FIRST_YEAR, LAST_YEAR = 1900, 2200  # outside lies a slip of the keyboard
DATED = 0.5  # of the rows, at least


def read(texts: pl.Series) -> pl.Series:
    """Float64, rising with time: a number as it is (an epoch, a year), else seconds; null where it is no moment."""
    stripped = texts.str.strip_chars()
    numbers = stripped.cast(pl.Float64, strict=False)
    if numbers.is_not_null().sum() > DATED * len(texts):
        return numbers
    moments = pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us"))
    for form in (day + clock for day in (*FORMATS, *_meant(stripped)) for clock in CLOCKS):
        if not moments.null_count():
            break
        moments = moments.zip_with(moments.is_not_null(), _parsed(stripped, form))
    usual = moments.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return moments.set(~usual.fill_null(value=False), None).dt.epoch("ms") / 1000


def _meant(texts: pl.Series) -> list[str]:
    """Of each pair of formats the one that reads more of the column, where one does."""
    counts = [[_parsed(texts.str.head(10), form).is_not_null().sum() for form in pair] for pair in PAIRS]
    return [
        pair[0] if first > second else pair[1]
        for pair, (first, second) in zip(PAIRS, counts, strict=True)
        if first != second
    ]


def _parsed(texts: pl.Series, form: str) -> pl.Series:
    zone = "UTC" if form.endswith("z") else None
    found = texts.str.to_datetime(form, strict=False, exact=True, time_unit="us", time_zone=zone)
    return found.dt.replace_time_zone(None) if zone else found


def assign(frame: pl.DataFrame, spec: SplitSpec) -> tuple[pl.Series, list[Remark]]:
    """`frame`: row, by, group. All rows of one moment lie in one split, and a group lies where its first moment does.

    Rows without a moment train. Raises `Problem` `bad_split` where most have none.
    """
    moments = read(frame["by"])
    undated = frame["row"].filter(moments.is_null())
    if len(undated) > (1 - DATED) * frame.height:
        example = frame["by"].filter(moments.is_null())[0]
        message = (
            f"{echo(spec.column)} holds {echo(example)}. Write days as 2024-05-31, moments as 2024-05-31 17:30:00."
        )
        raise Problem("bad_split", message, param="split.column")
    timed = frame.select("group", moments.alias("moment")).with_columns(pl.col("moment").min().over("group"))["moment"]
    line = timed.drop_nulls().sort()
    first = line[min(round(len(line) * spec.train), len(line) - 1)]
    last = line[min(round(len(line) * (spec.train + spec.validation)), len(line) - 1)]
    splits = pl.DataFrame({"moment": timed}).select(
        pl.when((pl.col("moment") < first) | pl.col("moment").is_null())
        .then(pl.lit("train"))
        .when(pl.col("moment") < last)
        .then(pl.lit("validation"))
        .otherwise(pl.lit("test"))
    )
    message = f"{counted(len(undated), 'row has', 'rows have')} no readable {echo(spec.column)} and stay in training."
    return splits.to_series(), remark("undated", "warning", message, undated)
