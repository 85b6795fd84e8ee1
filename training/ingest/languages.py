"""Rows in another language than most."""

import polars as pl

from contracts.problems import echo
from training.ingest.remarks import Remark
from training.languages import READ, languages

SAMPLE = 5_000  # texts looked at: half a second
FEWEST, SHARE = 10, 0.01  # texts of another language, of those that are of one, for it to be remarked on


def examine(rows: pl.Series, texts: pl.Series, *, of: int) -> list[Remark]:
    """`mixed_languages`, from the first of the texts; `of`: how many rows these are chosen from."""
    found = languages(texts.head(SAMPLE).str.head(READ))
    counts = found.drop_nulls().value_counts(sort=True, name="texts")
    if counts.height < 2:
        return []
    main, sure = counts[texts.name][0], len(found.drop_nulls())
    others = counts.slice(1).filter(pl.col("texts") >= FEWEST, pl.col("texts") >= SHARE * sure)
    if not others.height:
        return []
    which = rows.head(SAMPLE).filter(found.is_in(others[texts.name].implode()).fill_null(value=False)).sort()
    names = ", ".join(f"{echo(code)} ({count:,})" for code, count in others.rows())
    sample = f" (of {SAMPLE:,} texts looked at)" if of > SAMPLE else ""
    message = f"Most texts are in {echo(main)}, but some are clearly in {names}{sample}. Keep one if one is meant."
    return [Remark(code="mixed_languages", severity="warning", message=message, rows=which, fix="keep_language")]
