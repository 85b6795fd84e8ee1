"""Which language a text is in, as far as it can be told: by its byte sequences (Lui and Baldwin 2012).

Ingestion and engine both ask; neither knows the other.
"""

from functools import lru_cache

import polars as pl
from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # ships no types

SURE = 0.99  # probability below which a text is of no language: short ones seldom reach it
READ = 300  # characters of a text that suffice
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
