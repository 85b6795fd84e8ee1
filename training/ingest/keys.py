"""What the rest of the way compares rows by, computed once.

Hidden columns, which no version keeps: `folded` (equal where the inputs count as the same), `target_key` (equal where
the targets do), `classes` (the classes a row is counted under), `stratum` (the one it is split under), `group` (rows of one
group are never parted by a split).
"""

import polars as pl

from contracts.task import LABEL, NUMBER, Form
from training.ingest.contents import CONTENTS

BETWEEN = "\x1f"  # joins the inputs of a key; no cell holds it
STRATA, STRATUM = 10, 20  # equally large ranges of a number that is learnt: at most, and of so many rows at least
NONE = ""  # the stratum of rows without a class


def with_keys(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """`frame`: row and the form's roles."""
    inputs = [CONTENTS[role.content].key(pl.col(role.name)) for role in form.inputs]
    folded = inputs[0] if len(inputs) == 1 else pl.concat_str(inputs, separator=BETWEEN)
    keyed = frame.with_columns(folded.alias("folded")).with_columns(pl.col("folded").alias("group"))
    target = form.target
    if target is None:
        return keyed.with_columns(pl.lit(NONE).alias("target_key"), pl.lit(NONE).alias("stratum"))
    content, value = CONTENTS[target.content], pl.col(target.name)
    keyed = keyed.with_columns(content.key(value).alias("target_key"))
    if content.classes is not None:
        keyed = keyed.with_columns(content.classes(value).alias("classes"))
    if target.content == LABEL:
        return keyed.with_columns(value.alias("stratum"))
    if target.content == NUMBER:
        return keyed.with_columns(_range(keyed[target.name]).alias("stratum"))
    return keyed.with_columns((_rarest(keyed) if content.classes else pl.lit(NONE)).alias("stratum"))


def without_keys(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop("folded", "group", "target_key", "classes", "stratum", strict=False)


def _rarest(frame: pl.DataFrame) -> pl.Series:
    """Of a row's classes the rarest: it is the one a small split would miss, as in iterative stratification
    (Sechidis, Tsoumakas and Vlahavas 2011)."""
    each = frame.select("row", pl.col("classes").alias("class")).explode("class").drop_nulls("class")
    counts = each.group_by("class").len("rows")
    rarest = each.join(counts, on="class").sort("rows", "class").group_by("row").agg(pl.col("class").first())
    return frame.select("row").join(rarest, on="row", how="left", maintain_order="left")["class"].fill_null(NONE)


def _range(numbers: pl.Series) -> pl.Series:
    """Which of equally large ranges, such as a tenth of the values: all of one value lie in the same."""
    ranges = max(1, min(STRATA, len(numbers) // STRATUM))
    return ((numbers.rank("min") - 1) * ranges // max(1, len(numbers))).cast(pl.Int64).cast(pl.String)
