"""By shares: stratified, frozen by a seed, equal inputs together.

The unit is a group (of equal inputs, or what else `keys` joins), under its first row's stratum, which is its class
where rows have one. Each stratum has a quota for test and validation, rounded along the line of strata so that each
stratum and the whole keep their shares to within one group. Within a stratum, groups are ordered by a hash of seed and
group: the first fill the test, the next validation. The hash depends on nothing else, so nearly every text keeps its
split in the next version of a growing data set. Neither polars' hashes nor its random numbers take part: they change
between versions of it.

Some groups never leave training: those of strata with fewer than `RARE` groups, and groups so large that a small
split would be made of one. At the end every stratum has a row in training, whatever happened.
"""

import numpy as np
import polars as pl

from contracts.ingestion import SplitSpec

RARE = 3  # groups a stratum needs for one of them to leave training
MILLION = 1_000_000  # shares are whole numbers of millionths, so that no rounding of floats moves a row
CROWD = 0.5  # of a stratum's rows that the smallest split takes: a group larger than that stays in training


def assign(frame: pl.DataFrame, spec: SplitSpec) -> pl.Series:
    """Of each row of `frame` (group, stratum; by row) its split."""
    chosen = _chosen(_groups(frame, spec), spec).select("group", "split")
    return _trained(frame.select("group", "stratum").join(chosen, on="group", how="left", maintain_order="left"))[
        "split"
    ]


def _groups(frame: pl.DataFrame, spec: SplitSpec) -> pl.DataFrame:
    """One row a group: group, stratum, size, order, may_leave."""
    groups = frame.group_by("group", maintain_order=True).agg(pl.col("stratum").first(), pl.len().alias("size"))
    smallest = min((share for share in (spec.validation, spec.test) if share > 0), default=0.0)
    alone = pl.col("size") == 1
    few = pl.col("size") <= CROWD * smallest * pl.col("size").sum().over("stratum")
    return groups.with_columns(
        order(groups["group"], spec.seed),
        ((pl.len().over("stratum") >= RARE) & (alone | few)).alias("may_leave"),
    )


def order(groups: pl.Series, seed: int) -> pl.Series:
    """A number for each group by which a seed shuffles them: SplitMix64's finish (Steele, Lea and Flood 2014)."""
    mixed = groups.to_numpy() + np.uint64((seed * 0x9E3779B97F4A7C15) % (1 << 64))
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return pl.Series("order", mixed ^ (mixed >> np.uint64(31)))


def _chosen(groups: pl.DataFrame, spec: SplitSpec) -> pl.DataFrame:
    """The groups with their split."""
    line = groups.filter("may_leave").sort("stratum", "order", "group")
    place = pl.int_range(pl.len(), dtype=pl.Int64).over("stratum")
    line = line.with_columns(
        place.alias("place"),
        (pl.int_range(pl.len(), dtype=pl.Int64) - place).alias("start"),
        pl.len().over("stratum").cast(pl.Int64).alias("length"),
    )
    tested = _quota(spec.test, phase=MILLION // 2)
    validated = tested + _quota(spec.validation, phase=MILLION * 3 // 4)  # other phase: not from the same small strata
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
    """Groups of a stratum that a share of the line takes: the whole numbers it passes between the stratum's ends."""
    step = round(share * MILLION)
    start, end = pl.col("start"), pl.col("start") + pl.col("length")
    return (end * step + phase) // MILLION - (start * step + phase) // MILLION


def _trained(frame: pl.DataFrame) -> pl.DataFrame:
    """Brings one group of every stratum that has none in training back there. Only adds to it, so one pass does."""
    trained = frame.filter(pl.col("split") == "train").select("stratum").unique()
    lost = frame.join(trained, on="stratum", how="anti", maintain_order="left")
    back = lost.group_by("stratum", maintain_order=True).agg(pl.col("group").first())["group"]
    returned = pl.col("group").is_in(back.implode())
    return frame.with_columns(pl.when(returned).then(pl.lit("train")).otherwise("split").alias("split"))
