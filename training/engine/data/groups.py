"""Rows that have something in common: how long their texts are, the language, what a column says. Knows no model."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from contracts.ingestion import SPLITS
from contracts.task import FEATURES, LABEL, TEXT, TOKENS, Form
from training.engine.data.reading import Rows
from training.languages import READ, languages

FEWEST = 10  # rows of a group: of fewer, chance says more than any figure
VALUES = (2, 20)  # of a column that parts rows
COLUMNS = 20  # looked at: of more, the first
LOOKED_AT = 10_000  # texts whose language is told: a second
PARTS = 3  # by length
OURS = ("row", "split", "fold")  # columns of a version that say nothing of a row

Marks = tuple[str, pl.Series]  # what is looked at, and of each row its value, null where it has none


@dataclass(frozen=True, kw_only=True)
class Group:
    """`by`: what is looked at; `value`: what these rows have of it; `places`: their positions in the split."""

    by: str
    value: str
    places: NDArray[np.int64]


def groups(rows: Rows, form: Form) -> tuple[Group, ...]:
    """Of everything that parts the rows into at least two of `FEWEST` rows."""
    return tuple(group for marks in (*_of_texts(rows, form), *_of_columns(rows, form)) for group in _parts(*marks))


def classes(rows: Rows, form: Form) -> tuple[Group, ...]:
    """By the right label, where the rows have one each."""
    return tuple(group for name in form.of(LABEL) for group in _parts("label", rows.frame[name]))


def _of_texts(rows: Rows, form: Form) -> Iterator[Marks]:
    inputs = {role.name: role.content for role in form.inputs}
    if words := [name for name, content in inputs.items() if content == TOKENS]:
        yield "length, words", _thirds(rows.frame.select(pl.sum_horizontal(pl.col(words).list.len())).to_series())
    if texts := [name for name, content in inputs.items() if content == TEXT]:
        whole = rows.frame.select(pl.concat_str(texts, separator=" ")).to_series()
        yield "length, characters", _thirds(whole.str.len_chars())
        if len(whole) <= LOOKED_AT:
            yield "language", languages(whole.str.head(READ))


def _of_columns(rows: Rows, form: Form) -> Iterator[Marks]:
    """Columns that say one of a few things in each row: of a table's features, and those beside the roles."""
    features = [column for name in form.of(FEATURES) for column in rows.frame[name].struct.unnest().get_columns()]
    roles = [role.name for role in form.roles]
    beside = [column for column in rows.frame.get_columns() if column.name not in (*roles, *OURS)]
    for column in [one for one in (*features, *beside) if one.dtype in (pl.String, pl.Boolean)][:COLUMNS]:
        values = column.cast(pl.String)
        if VALUES[0] <= values.drop_nulls().n_unique() <= VALUES[1] and set(values.drop_nulls()) - set(SPLITS):
            yield column.name, values


def _thirds(lengths: pl.Series) -> pl.Series:
    """As many rows each as equal lengths allow; the shortest first."""
    counts = lengths.to_numpy().astype(np.int64)
    longest = np.unique(np.quantile(counts, np.arange(1, PARTS) / PARTS, method="lower"))  # of all parts but the last
    place = np.searchsorted(longest, counts)
    spans = {at: counts[place == at] for at in sorted(set(place.tolist()))}
    names = {at: f"{one.min():,} – {one.max():,}" for at, one in spans.items()}
    return pl.Series([names[at] for at in place.tolist()], dtype=pl.Enum(names.values()))


def _parts(by: str, marks: pl.Series) -> list[Group]:
    """In the values' order; nothing where they part nothing."""
    found = [
        Group(by=by, value=str(value), places=np.flatnonzero((marks == value).fill_null(value=False).to_numpy()))
        for value in marks.drop_nulls().unique().sort()
    ]
    large = [group for group in found if len(group.places) >= FEWEST]
    return large if len(large) >= 2 else []
