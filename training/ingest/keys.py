"""What the rest of the way compares rows by, computed once.

Hidden columns, which no version keeps: `input_key` (equal where the inputs count as the same), `target_key` (equal
where the targets do), `group` (rows of one group are never parted by a split), `classes` (the classes a row is counted
under), `stratum` (the one it is split under).

Keys are 64 bits of XXH3 over the UTF-8 of what is compared: a published hash, the same on every machine and in every
release. Of a million different inputs two share a key with a chance of 3 in 100 million.
"""

from collections.abc import Sequence

import polars as pl
from xxhash import xxh3_64_intdigest

from contracts.task import LABEL, NUMBER, TEXT, Form, Role
from training.ingest import parallel
from training.ingest.contents import CONTENTS
from training.ingest.folding import folded

BETWEEN = "\x1f"  # joins the inputs of a key; no cell holds it
STRATA, STRATUM = 10, 20  # equally large ranges of a number that is learnt: at most, and of so many rows at least
NONE = ""  # the stratum of rows without a class
SLICE = 20_000  # rows whose texts are compared at a time: copies of all would double the memory


def with_keys(frame: pl.DataFrame, form: Form) -> pl.DataFrame:
    """`frame`: row and the form's roles."""
    inputs = _keys(frame, form.inputs)
    keyed = frame.with_columns(inputs.alias("input_key"), inputs.alias("group"))
    target = form.target
    if target is None:
        return keyed.with_columns(pl.lit(0, pl.UInt64).alias("target_key"), pl.lit(NONE).alias("stratum"))
    content, value = CONTENTS[target.content], pl.col(target.name)
    keyed = keyed.with_columns(_keys(frame, (target,)).alias("target_key"))
    if content.classes is not None:
        keyed = keyed.with_columns(content.classes(value).alias("classes"))
    if target.content == LABEL:
        return keyed.with_columns(value.alias("stratum"))
    if target.content == NUMBER:
        return keyed.with_columns(_range(keyed[target.name]).alias("stratum"))
    return keyed.with_columns((_rarest(keyed) if content.classes else pl.lit(NONE)).alias("stratum"))


def sample(frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """So many rows, those of the least keys: the same ones whatever their order, and as good as drawn by chance."""
    return frame[frame.select(pl.arg_sort_by("input_key", "row").head(rows)).to_series()]


def asked_with(frame: pl.DataFrame, form: Form) -> pl.Series:
    """Of each row the texts that a model is asked with, folded and joined; empty where there are none."""
    names = [role.name for role in form.inputs if role.content == TEXT]
    texts = [folded(pl.col(name)) for name in names] or [pl.lit(NONE)]
    return frame.select(pl.concat_str(texts, separator=" ").alias("text")).to_series()


def without_keys(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.drop("input_key", "target_key", "group", "classes", "stratum", strict=False)


def _keys(frame: pl.DataFrame, roles: Sequence[Role]) -> pl.Series:
    each = [CONTENTS[role.content].key(pl.col(role.name)) for role in roles]
    compared = each[0] if len(each) == 1 else pl.concat_str(each, separator=BETWEEN)

    def hashed(part: pl.DataFrame) -> pl.Series:
        texts = part.select(compared.cast(pl.Binary)).to_series()
        return pl.Series([xxh3_64_intdigest(text) for text in texts.to_list()], dtype=pl.UInt64)

    needed = frame.select(role.name for role in roles)
    parts = parallel.each(hashed, needed.iter_slices(SLICE))
    return pl.concat([pl.Series(dtype=pl.UInt64), *parts])


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
