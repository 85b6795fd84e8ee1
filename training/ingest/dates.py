"""Days and moments as people write them; what may mean two days is read only where its column says which."""

import polars as pl

FORMATS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%d.%m.%Y", "%Y-%m")  # those that mean one day whoever reads them
# Of which a column decides: where only one of a pair can read all of it, that one is meant.
PAIRS = (("%d-%m-%Y", "%m-%d-%Y"), ("%d/%m/%Y", "%m/%d/%Y"))
CLOCKS = ("", " %H:%M", " %H:%M:%S", " %H:%M:%S%.f", "T%H:%M:%S", "T%H:%M:%S%.f", "T%H:%M:%S%#z", "T%H:%M:%S%.f%#z")
FIRST_YEAR, LAST_YEAR = 1900, 2200  # outside lies a slip of the keyboard


def read(texts: pl.Series) -> pl.Series:
    """Datetime in microseconds, moments with a zone in UTC; null where it is no moment, or one of no plausible year."""
    stripped = texts.str.strip_chars()
    moments = pl.Series(texts.name, [None] * len(texts), dtype=pl.Datetime("us"))
    for form in (day + clock for day in (*FORMATS, *_meant(stripped)) for clock in CLOCKS):
        if not moments.null_count():
            break
        moments = moments.zip_with(moments.is_not_null(), _parsed(stripped, form))
    usual = moments.dt.year().is_between(FIRST_YEAR, LAST_YEAR)
    return moments.set(~usual.fill_null(value=False), None)


def _meant(texts: pl.Series) -> list[str]:
    """Of each pair of formats the one that reads more of the column, where one does."""
    counts = [[_parsed(texts.str.head(10), form).is_not_null().sum() for form in pair] for pair in PAIRS]
    return [
        pair[0] if first > second else pair[1]
        for pair, (first, second) in zip(PAIRS, counts, strict=True)
        if first != second
    ]


def _parsed(texts: pl.Series, form: str) -> pl.Series:
    zone = "UTC" if form.endswith("z") else None
    found = texts.str.to_datetime(form, strict=False, exact=True, time_unit="us", time_zone=zone)
    return found.dt.replace_time_zone(None) if zone else found
