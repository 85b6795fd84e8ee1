"""Which language a text is in, as far as it can be told: by its byte sequences (Lui and Baldwin 2012)."""

from functools import lru_cache

import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # ships no types

from contracts.problems import echo
from training.ingest.remarks import Remark

SURE = 0.99  # probability below which a text is of no language: short ones seldom reach it
SAMPLE, READ = 5_000, 300  # texts looked at, characters of each: half a second
FEWEST, SHARE = 10, 0.01  # texts of another language, of those that are of one, for it to be remarked on
KIN = ("wuu", "yue", "pcm", "nn", "nb")  # written so much like another that they would make that one unsure


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in identifier.labels if code not in KIN])
    return identifier


def languages(texts: pl.Series) -> pl.Series:
    """Of each text its ISO 639-1 code (639-3 where there is none), null where it is not sure."""
    identifier = _identifier()
    found = []
    for text in texts:
        code, probability = identifier.classify(text)
        found.append(code if probability > SURE else None)
    return pl.Series(texts.name, found, dtype=pl.String)


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
