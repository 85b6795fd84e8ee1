"""By time: what is learnt from comes before what it is tested on, as in use."""

import polars as pl

from contracts.ingestion import SplitSpec
from contracts.problems import Problem, echo
from training.ingest import dates
from training.ingest.remarks import Remark, counted, remark

DATED = 0.5  # of the rows, at least


def read(texts: pl.Series) -> pl.Series:
    """Float64, rising with time: a number as it is (an epoch, a year), else seconds; null where it is no moment."""
    numbers = texts.str.strip_chars().cast(pl.Float64, strict=False)
    if numbers.is_not_null().sum() > DATED * len(texts):
        return numbers
    return dates.read(texts).dt.epoch("ms") / 1000


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
