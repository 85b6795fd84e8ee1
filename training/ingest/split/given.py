"""As the customer says: a column that names the split of each row."""

import polars as pl

from contracts.ingestion import SPLITS, SplitSpec
from contracts.problems import Problem, echo
from training.ingest.places import FIRST
from training.ingest.split import ratio

NAMES = {
    "train": ("train", "training", "trn", "fit"),
    "validation": ("validation", "valid", "val", "dev", "development"),
    "test": ("test", "testing", "tst", "eval", "evaluation", "holdout"),
}
KNOWN = {name: split for split, names in NAMES.items() for name in names}


def named(by: pl.Series) -> pl.Series:
    """Of each row the split it names, null where it names none."""
    return by.str.strip_chars().str.to_lowercase().replace_strict(KNOWN, default=None, return_dtype=pl.String)


def assign(frame: pl.DataFrame, spec: SplitSpec) -> pl.Series:
    """`frame`: by, group, stratum. A split that the column lacks is cut from its training rows, where it has a share.

    Raises `Problem` `bad_split`: values that name no split, or no row to train on.
    """
    splits = named(frame["by"])
    unknown = frame["by"].filter(splits.is_null()).unique(maintain_order=True)
    if len(unknown):
        listed = ", ".join(map(echo, unknown.head(FIRST)))
        message = f"{echo(spec.column)} holds {listed}; a split is called {', '.join(SPLITS)}. Rename these values."
        raise Problem("bad_split", message, param="split.column")
    found = set(splits)
    if "train" not in found:
        raise Problem("bad_split", f"No row of {echo(spec.column)} says train. Name some.", param="split.column")
    shares = {name: getattr(spec, name) for name in SPLITS[1:] if name not in found}
    if not any(shares.values()):
        return splits
    training = splits == "train"
    rest = SplitSpec(**{"train": 1 - sum(shares.values()), "validation": 0.0, "test": 0.0, **shares}, seed=spec.seed)
    return splits.scatter(training.arg_true(), ratio.assign(frame.filter(training), rest))
