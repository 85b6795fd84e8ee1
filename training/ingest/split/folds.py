"""Numbers for cross-validation: each fold is another's validation, the test is none's."""

import polars as pl

from contracts.ingestion import SplitSpec
from training.ingest.split import ratio


def assign(frame: pl.DataFrame, spec: SplitSpec) -> pl.Series:
    """`frame`: group, stratum, split. Int64 from 0 to `spec.folds` - 1, null in the test; strata dealt out evenly."""
    groups = (
        frame.filter(pl.col("split") != "test").group_by("group", maintain_order=True).agg(pl.col("stratum").first())
    )
    dealt = groups.with_columns(ratio.order(groups["group"], spec.seed)).sort("stratum", "order", "group")
    dealt = dealt.select("group", (pl.int_range(pl.len(), dtype=pl.Int64) % spec.folds).alias("fold"))
    joined = frame.select("group", "split").join(dealt, on="group", how="left", maintain_order="left")
    return joined.select(pl.when(pl.col("split") != "test").then("fold")).to_series().alias("fold")
