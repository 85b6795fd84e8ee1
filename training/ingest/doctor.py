"""The data doctor: what a careful colleague would remark on. Remarks refuse nothing; they are part of the report.

Each says how many rows it is about and which, and names the cleaning step that mends it, where one does.
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from contracts.ingestion import Finding
from contracts.problems import echo
from training.ingest import cleaning
from training.ingest.folding import blank
from training.ingest.places import FIRST

LONG_TEXT = 2_000  # characters: about 500 tokens, beyond which common encoders cut
IMBALANCE = 10  # times as many rows as the smallest label, for the largest to be remarked on
RARE = 3  # different texts a label needs for one of them to leave training


@dataclass(frozen=True, kw_only=True)
class Remark:
    """`rows`: the source rows it is about, all of them; `count` where it counts something else than rows."""

    code: str
    severity: str
    message: str
    rows: pl.Series
    count: int | None = None
    fix: str | None = None

    @property
    def finding(self) -> Finding:
        count = len(self.rows) if self.count is None else self.count
        first = tuple(self.rows.head(FIRST))
        return Finding(
            code=self.code, severity=self.severity, message=self.message, count=count, rows=first, fix=self.fix
        )


def without_blanks(frame: pl.DataFrame) -> tuple[pl.DataFrame, list[Remark]]:
    """The rows that have text and label, and remarks `empty_text`, `empty_label` about those left out."""
    remarks = []
    for role in ("text", "label"):
        empty = frame.filter(blank(pl.col(role)))["row"]
        message = f"{_count(len(empty), 'row has', 'rows have')} no {role} and {_were(len(empty))} left out."
        remarks += _remark(f"empty_{role}", "warning", message, empty)
    return frame.filter(~blank(pl.col("text")), ~blank(pl.col("label"))), remarks


def examine(frame: pl.DataFrame) -> list[Remark]:
    """`frame` has row, text, label and folded (the text as `folding` compares it)."""
    return [
        *_duplicates(frame),
        *_conflicts(frame),
        *_rare_labels(frame),
        *_imbalance(frame),
        *_long_texts(frame),
        *_damage(frame),
    ]


def rare(frame: pl.DataFrame) -> pl.DataFrame:
    """Labels (label, rows) with fewer than `RARE` different texts: they stay in training, never measured."""
    labels = frame.group_by("label").agg(pl.col("folded").n_unique().alias("texts"), pl.len().alias("rows"))
    return labels.filter(pl.col("texts") < RARE).sort("label")


def _duplicates(frame: pl.DataFrame) -> list[Remark]:
    again = frame.filter(~pl.struct("folded", "label").is_first_distinct())["row"]
    message = (
        f"{_count(len(again), 'row repeats', 'rows repeat')} the text and label of an earlier one "
        "(case and whitespace ignored). Repeats stay in the split of the first."
    )
    return _remark("duplicate_text", "info", message, again, fix="drop_duplicates")


def _conflicts(frame: pl.DataFrame) -> list[Remark]:
    several = frame.group_by("folded").agg(pl.col("label").n_unique()).filter(pl.col("label") > 1)
    rows = frame.join(several, on="folded", how="semi", maintain_order="left")["row"]
    message = (
        f"{_count(several.height, 'text has', 'texts have')} more than one label, in {len(rows):,} rows. "
        "Decide on one label for each."
    )
    return _remark("conflicting_labels", "warning", message, rows, fix="drop_conflicts")


def _rare_labels(frame: pl.DataFrame) -> list[Remark]:
    labels = rare(frame)
    rows = frame.join(labels, on="label", how="semi", maintain_order="left")["row"]
    names = ", ".join(echo(name) for name in labels["label"].head(FIRST))
    message = (
        f"{_count(labels.height, 'label has', 'labels have')} fewer than {RARE} different texts ({names}). "
        "Their rows stay in training, so their quality is not measured. Add examples."
    )
    return _remark("rare_label", "warning", message, rows)


def _imbalance(frame: pl.DataFrame) -> list[Remark]:
    counts = frame.group_by("label").len().sort(["len", "label"])
    smallest, largest = counts.row(0), counts.row(-1)
    if largest[1] < IMBALANCE * smallest[1]:
        return []
    few = counts.filter(pl.col("len") * IMBALANCE <= largest[1]).height
    none = pl.Series(dtype=pl.Int64)
    message = (
        f"Label {echo(largest[0])} has {largest[1]:,} rows, {echo(smallest[0])} only {smallest[1]:,}. "
        "Accuracy will say little about the small labels; look at macro_f1."
    )
    return [Remark(code="imbalance", severity="warning", message=message, rows=none, count=few)]


def _long_texts(frame: pl.DataFrame) -> list[Remark]:
    rows = frame.filter(pl.col("text").str.len_chars() > LONG_TEXT)["row"]
    message = (
        f"{_count(len(rows), 'text is', 'texts are')} longer than {LONG_TEXT:,} characters; "
        "models read the beginning of such texts only."
    )
    return _remark("long_text", "info", message, rows)


# What is wrong with the characters of a text: code, severity, which texts, the sentence's end, the step that mends it.
DAMAGE: tuple[tuple[str, str, Callable[[pl.Series], pl.Series], str, str], ...] = (
    ("mojibake", "warning", cleaning.mojibake, "read in the wrong encoding somewhere before", "repair_mojibake"),
    ("markup", "info", cleaning.marked_up, "holding HTML tags or entities", "strip_html"),
    ("unnormalised_unicode", "info", cleaning.unnormalised, "not in Unicode's normal form", "normalise_unicode"),
    ("personal_data", "warning", cleaning.telling, "naming a person's address or number", "mask_personal_data"),
)


def _damage(frame: pl.DataFrame) -> list[Remark]:
    remarks = []
    for code, severity, search, words, fix in DAMAGE:
        rows = frame.filter(search(frame["text"]))["row"]
        message = f"{_count(len(rows), 'text is', 'texts are')} {words}. The cleaning step {fix} mends that."
        remarks += _remark(code, severity, message, rows, fix=fix)
    return remarks


def _remark(code: str, severity: str, message: str, rows: pl.Series, *, fix: str | None = None) -> list[Remark]:
    return [Remark(code=code, severity=severity, message=message, rows=rows, fix=fix)] if len(rows) else []


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"
