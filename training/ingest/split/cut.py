"""The way of `contracts.ingestion.SplitSpec` that applies, and what is remarked on it."""

from dataclasses import replace

import polars as pl

from contracts.ingestion import METHODS, SPLITS, SplitSpec
from contracts.problems import Problem, echo
from training.ingest.components import joined
from training.ingest.remarks import Remark, counted, remark
from training.ingest.split import folds, given, moments, ratio

MOST_FOLDS = 20


def refuse(spec: SplitSpec) -> None:
    """Raises `Problem` `bad_split` where the spec makes no sense whatever the data."""
    shares = (spec.train, spec.validation, spec.test)
    if not (all(0 <= share <= 1 for share in shares) and abs(sum(shares) - 1) < 1e-6 and spec.train > 0):
        message = "The shares of train, validation and test must lie between 0 and 1, train above 0, and add up to 1."
        raise Problem("bad_split", message, param="split")
    if spec.method is not None and spec.method not in METHODS:
        message = f"There is no way to split by {echo(spec.method)}; ways: {', '.join(METHODS)}."
        raise Problem("bad_split", message, param="split.method")
    if (spec.method in ("group", "time", "column")) != (spec.column is not None):
        message = f"'column' says what to split by; it belongs to {', '.join(METHODS[1:])}, which need it."
        raise Problem("bad_split", message, param="split.column")
    if not (spec.folds == 0 or 2 <= spec.folds <= MOST_FOLDS):
        raise Problem("bad_split", f"'folds' is 0 or lies between 2 and {MOST_FOLDS}.", param="split.folds")


def settled(spec: SplitSpec, by: pl.Series | None) -> SplitSpec:
    """The spec with its method: `by` is the column it names, or one called "split" where it names none."""
    if spec.method is not None:
        return spec
    named = by is not None and bool(given.named(by).is_not_null().all()) and "train" in set(given.named(by))
    return replace(spec, method="column", column="split") if named else replace(spec, method="ratio")


def cut(frame: pl.DataFrame, spec: SplitSpec) -> tuple[pl.DataFrame, list[Remark]]:
    """`frame` (row and `keys`, and `by` where the method needs it) with `split`, and `fold` if asked for.

    `spec` is settled. Raises `Problem`: `bad_split`, `too_few_rows` where a split that was asked for stays empty.
    """
    remarks: list[Remark] = []
    if spec.method == "column":
        splits = given.assign(frame, spec)
    elif spec.method == "time":
        splits, remarks = moments.assign(frame, spec)
    else:
        if spec.method == "group":
            frame = frame.with_columns(joined(frame["group"], frame["by"]).alias("group"))
        splits = ratio.assign(frame, spec)
    whole = frame.with_columns(splits.alias("split"))
    _refuse_empty(whole, spec)
    if spec.folds:
        whole = whole.with_columns(folds.assign(whole, spec))
    return whole, [*remarks, *_leaks(whole, spec), *_untrained(whole)]


def _refuse_empty(frame: pl.DataFrame, spec: SplitSpec) -> None:
    filled = set(frame["split"].unique())
    empty = [name for name in SPLITS if getattr(spec, name) > 0 and name not in filled]
    if empty:
        message = (
            f"Too few different texts for a {' and a '.join(empty)} split. Add rows: a label needs {ratio.RARE} "
            "different texts before one of them can leave training. Or set that split's share to 0."
        )
        raise Problem("too_few_rows", message, param="split")


def _leaks(frame: pl.DataFrame, spec: SplitSpec) -> list[Remark]:
    """Inputs that are trained on and measured with; only a given split can have them."""
    if spec.method != "column":
        return []
    trained = frame.filter(pl.col("split") == "train").select("input_key").unique()
    rows = frame.filter(pl.col("split") != "train").join(trained, on="input_key", how="semi", maintain_order="left")[
        "row"
    ]
    message = (
        f"{counted(len(rows), 'row', 'rows')} of validation or test repeat an input that is trained on: figures will "
        "flatter. Drop these rows, or split by ratio."
    )
    return remark("leak", "warning", message, rows, fix="drop_rows")


def _untrained(frame: pl.DataFrame) -> list[Remark]:
    """Classes that validation or test hold and training does not."""
    if "classes" not in frame.columns:
        return []
    each = frame.select("row", "split", pl.col("classes").alias("class")).explode("class").drop_nulls("class")
    trained = each.filter(pl.col("split") == "train").select("class").unique()
    lost = each.join(trained, on="class", how="anti", maintain_order="left")
    names = ", ".join(map(echo, lost["class"].unique().sort().head(5)))
    message = f"No training row has the label {names}. It cannot be learnt; split otherwise, or add rows."
    return remark("label_not_in_training", "warning", message, lost["row"].unique(maintain_order=True))
