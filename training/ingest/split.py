"""Train, validation and test: stratified by label, frozen by a seed, equal texts together.

The unit is a group of equal texts (`folding`), under its first row's label. Each label has a quota for test and
validation, rounded along the line of labels so that each label and the whole keep their shares to within one group.
Within a label, groups are ordered by a hash of seed and text: the first fill the test, the next validation. The hash
depends on nothing else, so nearly every text keeps its split in the next version of a growing data set. Neither
polars' hashes nor its random numbers take part: they change between versions of it.

Some groups never leave training: those of labels with fewer than `doctor.RARE` different texts, and repeats so
numerous that a small split would be made of one text. At the end every label has a row in training, whatever happened.
"""

from hashlib import blake2b

import polars as pl

from contracts.ingestion import SplitSpec
from contracts.problems import Problem
from training.ingest.doctor import RARE

MILLION = 1_000_000  # shares are whole numbers of millionths, so that no rounding of floats moves a row
CROWD = 0.5  # of a label's rows that the smallest split takes: a text repeated more often stays in training


def refuse_shares(spec: SplitSpec) -> None:
    """Raises `Problem` `bad_split` where the shares are no shares."""
    shares = (spec.train, spec.validation, spec.test)
    if not (all(0 <= share <= 1 for share in shares) and abs(sum(shares) - 1) < 1e-6 and spec.train > 0):
        message = "The shares of train, validation and test must lie between 0 and 1, train above 0, and add up to 1."
        raise Problem("bad_split", message, param="split")


def split(frame: pl.DataFrame, spec: SplitSpec) -> pl.DataFrame:
    """`frame` (row, text, label, folded; by row) with a column `split`.

    Raises `Problem` `too_few_rows` where a split that was asked for stays empty.
    """
    chosen = _chosen(_groups(frame, spec), spec)
    assigned = _trained(frame.join(chosen.select("folded", "split"), on="folded", how="left", maintain_order="left"))
    _refuse_empty(assigned, spec)
    return assigned


def _groups(frame: pl.DataFrame, spec: SplitSpec) -> pl.DataFrame:
    """One row a group: folded, label, size, key, may_leave."""
    groups = frame.group_by("folded", maintain_order=True).agg(pl.col("label").first(), pl.len().alias("size"))
    smallest = min((share for share in (spec.validation, spec.test) if share > 0), default=0.0)
    alone = pl.col("size") == 1
    few = pl.col("size") <= CROWD * smallest * pl.col("size").sum().over("label")
    return groups.with_columns(
        pl.Series("key", [_key(spec.seed, text) for text in groups["folded"]], dtype=pl.UInt64),
        ((pl.len().over("label") >= RARE) & (alone | few)).alias("may_leave"),
    )


def _key(seed: int, text: str) -> int:
    return int.from_bytes(blake2b(f"{seed}\n{text}".encode(), digest_size=8).digest())


def _chosen(groups: pl.DataFrame, spec: SplitSpec) -> pl.DataFrame:
    """The groups with their split."""
    line = groups.filter("may_leave").sort("label", "key", "folded")
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("label")
    line = line.with_columns(
        place.alias("place"),
        (pl.int_range(pl.len(), dtype=pl.Int64) - place).alias("start"),
        pl.len().over("label").cast(pl.Int64).alias("length"),
    )
    tested = _quota(spec.test, phase=MILLION // 2)
    validated = tested + _quota(spec.validation, phase=MILLION * 3 // 4)  # other phase: not from the same small labels
    line = line.with_columns(
        pl.when(pl.col("place") < tested)
        .then(pl.lit("test"))
        .when(pl.col("place") < validated)
        .then(pl.lit("validation"))
        .otherwise(pl.lit("train"))
        .alias("split")
    )
    staying = groups.filter(~pl.col("may_leave")).with_columns(pl.lit("train").alias("split"))
    return pl.concat([line.select(staying.columns), staying])


def _quota(share: float, *, phase: int) -> pl.Expr:
    """Groups of a label that a share of the line takes: the whole numbers it passes between the label's two ends."""
    step = round(share * MILLION)
    start, end = pl.col("start"), pl.col("start") + pl.col("length")
    return (end * step + phase) // MILLION - (start * step + phase) // MILLION


def _trained(frame: pl.DataFrame) -> pl.DataFrame:
    """Brings one group of every label that has none in training back there. Only adds to training, so one pass does."""
    trained = frame.filter(pl.col("split") == "train").select("label").unique()
    lost = frame.join(trained, on="label", how="anti", maintain_order="left")
    back = lost.group_by("label", maintain_order=True).agg(pl.col("folded").first())["folded"]
    returned = pl.col("folded").is_in(back.implode())
    return frame.with_columns(pl.when(returned).then(pl.lit("train")).otherwise("split").alias("split"))


def _refuse_empty(frame: pl.DataFrame, spec: SplitSpec) -> None:
    shares = {"train": spec.train, "validation": spec.validation, "test": spec.test}
    filled = set(frame["split"].unique())
    empty = [name for name, share in shares.items() if share > 0 and name not in filled]
    if empty:
        message = (
            f"Too few different texts for a {' and a '.join(empty)} split. Add rows: a label needs {RARE} different "
            "texts before one of them can leave training. Or set that split's share to 0."
        )
        raise Problem("too_few_rows", message, param="split")
