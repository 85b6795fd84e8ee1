"""What a version says of itself: its logical hash, its rows by split and by class."""

import sys
from array import array
from hashlib import sha256

import polars as pl

from contracts.ingestion import SPLITS
from contracts.task import Form
from training.ingest.contents import CONTENTS

PREAMBLE = b"landfall.dataset.2\n"
SLICE = 50_000  # rows turned into Python objects at a time


def logical_sha256(frame: pl.DataFrame) -> str:
    """SHA-256, in hex, over what the version says, whatever wrote the file it lies in.

    The bytes: `PREAMBLE`; then, by rising row number and in the order of their names, each column's name in UTF-8, a
    zero byte, and its digest. The digest is the SHA-256 of: which values are there (a byte each, 1 or 0); then, of a
    string, the SHA-256 of all lengths in bytes (8 bytes each, little-endian) and that of the UTF-8 of all of them; of a
    list, that of all lengths and the digest of all items in a row; of a struct, the names and digests of its fields as
    here; of whole numbers and moments (microseconds) 8 bytes each, signed; of others 8 bytes each as IEEE 754 doubles.
    What is not there counts as empty, or 0.
    """
    return sha256(PREAMBLE + _fields(frame.sort("row"))).hexdigest()


def _fields(frame: pl.DataFrame) -> bytes:
    return b"".join(name.encode() + b"\0" + _digest(frame[name]) for name in sorted(frame.columns))


def _digest(series: pl.Series) -> bytes:
    digest = sha256(_presence(series))
    if series.dtype == pl.String:
        digest.update(_strings(series.fill_null("")))
    elif isinstance(series.dtype, pl.List):
        digest.update(sha256(_packed("q", series.list.len().fill_null(0))).digest())
        digest.update(_digest(series.filter(series.list.len().fill_null(0) > 0).explode()))
    elif isinstance(series.dtype, pl.Struct):
        digest.update(_fields(series.struct.unnest()))
    elif series.dtype.is_integer() or series.dtype.is_temporal():
        digest.update(_packed("q", series.cast(pl.Int64).fill_null(0)))
    else:
        digest.update(_packed("d", series.cast(pl.Float64).fill_null(0.0)))
    return digest.digest()


def _presence(series: pl.Series) -> bytes:
    if not series.null_count():
        return b"\1" * len(series)
    return bytes(series.is_not_null().cast(pl.UInt8).to_list())


def _strings(series: pl.Series) -> bytes:
    lengths, content = sha256(), sha256()
    for start in range(0, len(series), SLICE):
        part = series.slice(start, SLICE)
        lengths.update(_packed("q", part.str.len_bytes()))
        content.update(b"".join(part.cast(pl.Binary).to_list()))
    return lengths.digest() + content.digest()


def _packed(code: str, series: pl.Series) -> bytes:
    numbers = array(code, series.to_list())
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tobytes()


def class_counts(frame: pl.DataFrame, form: Form) -> dict[str, dict[str, int]]:
    """Class -> split -> how often, classes in order, every split present; empty where the target has no classes.

    `frame`: the form's roles and `split`.
    """
    target = form.target
    classes = CONTENTS[target.content].classes if target else None
    if target is None or classes is None:
        return {}
    each = frame.select(classes(pl.col(target.name)).alias("class"), "split").explode("class").drop_nulls("class")
    counts: dict[str, dict[str, int]] = {}
    for name, split, rows in each.group_by("class", "split").len().sort("class", "split").iter_rows():
        counts.setdefault(name, dict.fromkeys(SPLITS, 0))[split] = rows
    return counts


def row_counts(frame: pl.DataFrame) -> dict[str, int]:
    """Split -> rows, and "total"."""
    found = dict(frame.group_by("split").len().iter_rows())
    return {**{split: found.get(split, 0) for split in SPLITS}, "total": frame.height}
