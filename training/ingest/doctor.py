"""The data doctor: what a careful colleague would remark on. Findings refuse nothing; they are part of the report."""

import polars as pl

from contracts.ingestion import Finding
from contracts.problems import echo
from training.ingest.folding import blank
from training.ingest.places import FIRST

LONG_TEXT = 2_000  # characters: about 500 tokens, beyond which common encoders cut
IMBALANCE = 10  # times as many rows as the smallest label, for the largest to be remarked on
RARE = 3  # different texts a label needs for one of them to leave training


def without_blanks(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Finding]]:
    """The rows that have text and label, and findings `empty_text`, `empty_label` about those left out."""
    findings = []
    for role in ("text", "label"):
        empty = frame.filter(blank(pl.col(role)))["row"]
        message = f"{_count(len(empty), 'row has', 'rows have')} no {role} and {_were(len(empty))} left out."
        findings += _finding(f"empty_{role}", "warning", message, empty)
    return frame.filter(~blank(pl.col("text")), ~blank(pl.col("label"))), findings


def examine(frame: pl.DataFrame) -> list[Finding]:
    """`frame` has row, text, label and folded (the text as `folding` compares it)."""
    return [
        *_duplicates(frame),
        *_conflicts(frame),
        *_rare_labels(frame),
        *_imbalance(frame),
        *_long_texts(frame),
    ]


def rare(frame: pl.DataFrame) -> pl.DataFrame:
    """Labels (label, rows) with fewer than `RARE` different texts: they stay in training, never measured."""
    labels = frame.group_by("label").agg(pl.col("folded").n_unique().alias("texts"), pl.len().alias("rows"))
    return labels.filter(pl.col("texts") < RARE).sort("label")


def _duplicates(frame: pl.DataFrame) -> list[Finding]:
    again = frame.filter(~pl.struct("folded", "label").is_first_distinct())["row"]
    message = (
        f"{_count(len(again), 'row repeats', 'rows repeat')} the text and label of an earlier one "
        "(case and whitespace ignored). Repeats stay in the split of the first."
    )
    return _finding("duplicate_text", "info", message, again)


def _conflicts(frame: pl.DataFrame) -> list[Finding]:
    several = frame.group_by("folded").agg(pl.col("label").n_unique()).filter(pl.col("label") > 1)
    rows = frame.join(several, on="folded", how="semi", maintain_order="left")["row"]
    message = (
        f"{_count(several.height, 'text has', 'texts have')} more than one label, in {len(rows):,} rows. "
        "Decide on one label for each."
    )
    return _finding("conflicting_labels", "warning", message, rows)


def _rare_labels(frame: pl.DataFrame) -> list[Finding]:
    labels = rare(frame)
    rows = frame.join(labels, on="label", how="semi", maintain_order="left")["row"]
    names = ", ".join(echo(name) for name in labels["label"].head(FIRST))
    message = (
        f"{_count(labels.height, 'label has', 'labels have')} fewer than {RARE} different texts ({names}). "
        "Their rows stay in training, so their quality is not measured. Add examples."
    )
    return _finding("rare_label", "warning", message, rows)


def _imbalance(frame: pl.DataFrame) -> list[Finding]:
    counts = frame.group_by("label").len().sort(["len", "label"])
    smallest, largest = counts.row(0), counts.row(-1)
    if largest[1] < IMBALANCE * smallest[1]:
        return []
    few = counts.filter(pl.col("len") * IMBALANCE <= largest[1]).height
    message = (
        f"Label {echo(largest[0])} has {largest[1]:,} rows, {echo(smallest[0])} only {smallest[1]:,}. "
        "Accuracy will say little about the small labels; look at macro_f1."
    )
    return [Finding(code="imbalance", severity="warning", message=message, count=few)]


def _long_texts(frame: pl.DataFrame) -> list[Finding]:
    rows = frame.filter(pl.col("text").str.len_chars() > LONG_TEXT)["row"]
    message = (
        f"{_count(len(rows), 'text is', 'texts are')} longer than {LONG_TEXT:,} characters; "
        "models read the beginning of such texts only."
    )
    return _finding("long_text", "info", message, rows)


def _finding(code: str, severity: str, message: str, rows: pl.Series) -> list[Finding]:
    if not len(rows):
        return []
    return [Finding(code=code, severity=severity, message=message, count=len(rows), rows=tuple(rows.head(FIRST)))]


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
