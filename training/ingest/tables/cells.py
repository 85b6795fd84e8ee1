"""Cells of string columns that do not look like the rest of theirs. All generic: nothing is known of any data set.

Each detector takes a frame of strings and gives, of each column, which rows are suspicious. Columns of free text, of
which nearly every cell is another, are none of theirs.
"""

from collections import Counter
from collections.abc import Iterator

import polars as pl

Suspicious = dict[str, pl.Series]  # column -> a truth value a row

CATEGORY = 0.5  # of the filled cells: with more distinct values than that, a column names things, not kinds of them
RARE, COMMON = 3, 5  # occurrences: a value of at most so many is a slip of one with at least so many times as many
SHAPE = 0.97  # of the cells that one pattern must cover for the rest to be remarked on
HOLDS = 0.9  # of the rows in groups that agree, for one column to be taken to decide another
GROUP = 3  # rows of one value, at least, for their majority to mean something
WIDEST = 60  # columns compared with each other


def suspicious(frame: pl.DataFrame) -> dict[str, Suspicious]:
    """Finding -> column -> rows. What other columns decide needs no guess from a cell's looks: a rare town is right
    where its postcode says so."""
    decided = broken_dependencies(frame)
    rest = frame.drop(decided)
    return {
        "broken_dependency": _some(decided),
        "rare_spelling": _some(slips(rest)),
        "odd_format": _some(odd_shapes(rest)),
    }


def _some(found: Suspicious) -> Suspicious:
    return {name: rows for name, rows in found.items() if rows.any()}


def slips(frame: pl.DataFrame) -> Suspicious:
    """Rare values one letter away from a frequent one: replaced, missing, added, or two swapped (Damerau 1964)."""
    found = {}
    for name in frame.columns:
        counts = Counter(frame[name].drop_nulls().to_list())
        if len(counts) > CATEGORY * max(1, counts.total()):
            continue
        frequent: dict[str, str] = {}
        for value, count in counts.items():
            if count >= COMMON and len(value) > 3 and not value.isdecimal():
                frequent.update(dict.fromkeys(_shortened(value), value))
        wrong = [value for value, count in counts.items() if count <= RARE and _near(value, count, frequent, counts)]
        if wrong:
            found[name] = frame[name].is_in(wrong).fill_null(value=False)
    return found


def _near(value: str, count: int, frequent: dict[str, str], counts: Counter[str]) -> bool:
    matches = {frequent[each] for each in _shortened(value) if each in frequent} - {value}
    return any(counts[match] >= COMMON * count and _one_apart(value, match) for match in matches)


def _shortened(value: str) -> Iterator[str]:
    """The value, and each spelling of it that lacks one letter: two values one edit apart share one (SymSpell)."""
    yield value
    for at in range(len(value)):
        yield value[:at] + value[at + 1 :]


def _one_apart(one: str, other: str) -> bool:
    """Whether they differ, but not in a digit: 'room 3' is no slip of 'room 4'."""
    differing = Counter(one) - Counter(other) + (Counter(other) - Counter(one))
    return not any(letter.isdigit() and other.count(letter) and one.count(letter) for letter in differing) and not (
        _digits(one) != _digits(other) and len(_digits(one)) == len(_digits(other))
    )


def _digits(value: str) -> str:
    return "".join(letter for letter in value if letter.isdigit())


def odd_shapes(frame: pl.DataFrame) -> Suspicious:
    """Cells whose pattern of letters and digits is another than nearly all of their column."""
    found = {}
    for name in frame.columns:
        shapes = _shape(frame[name])
        counts = shapes.drop_nulls().value_counts(sort=True)
        if counts.height < 2 or counts["count"][0] < SHAPE * (len(shapes) - shapes.null_count()):
            continue
        odd = (shapes != counts[name][0]).fill_null(value=False)
        found[name] = odd
    return found


def _shape(values: pl.Series) -> pl.Series:
    """Runs of digits by their length where it is the point (codes), runs of letters as one."""
    return values.str.replace_all(r"\p{L}+", "a").str.replace_all(r"\d", "9").str.replace_all(r"\s+", " ")


def broken_dependencies(frame: pl.DataFrame) -> Suspicious:
    """Cells of columns that others decide, where most of those say otherwise: a postcode's town, a code's name
    (approximate functional dependencies, Kivinen and Mannila 1995; the minority of a group is wrong)."""
    found: Suspicious = {}
    columns = [name for name in frame.columns if 1 < frame[name].n_unique() <= CATEGORY * frame.height][:WIDEST]
    for decided in columns:
        votes = pl.Series([0] * frame.height, dtype=pl.Int32)
        deciders = 0
        for deciding in columns:
            if deciding == decided:
                continue
            minority, share = _minority(frame, deciding, decided)
            if share >= HOLDS:
                votes += minority.cast(pl.Int32)
                deciders += 1
        if deciders:
            found[decided] = votes * 2 > deciders
    return found


def _minority(frame: pl.DataFrame, deciding: str, decided: str) -> tuple[pl.Series, float]:
    """Of each row whether it is of the few in its group, and the share of rows in groups that are not."""
    pairs = frame.select(pl.col(deciding).alias("a"), pl.col(decided).alias("b"))
    counts = pairs.group_by("a", "b").len("pair")
    groups = counts.group_by("a").agg(pl.col("pair").sum().alias("size"), pl.col("pair").max().alias("most"))
    known = groups.filter(pl.col("size") >= GROUP, pl.col("a").is_not_null())
    if not known.height or known.height < 2:
        return pl.Series([False] * frame.height), 0.0
    share = float(known["most"].sum()) / float(known["size"].sum())
    joined = pairs.join(counts, on=["a", "b"], how="left", nulls_equal=True, maintain_order="left")
    joined = joined.join(known, on="a", how="left", maintain_order="left")
    minority = (joined["pair"] * 2 < joined["size"]).fill_null(value=False)
    return minority, share
