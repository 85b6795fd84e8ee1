"""What a version says of itself: its logical hash, its rows by split and by label."""

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct

import polars as pl

from contracts.ingestion import SPLITS

PREAMBLE = b"landfall.dataset.1\n"
SLICE = 50_000  # rows turned into Python objects at a time
HEAD = Struct("<qI")  # row number, bytes of the text


def logical_sha256(frame: pl.DataFrame) -> str:
    """SHA-256, in hex, over what the version says, whatever wrote the file it lies in.

    The bytes: `PREAMBLE`; then, by rising row number, for each row its number (8 bytes, little-endian, signed), and
    text, label and split each as its length in bytes (4 bytes, little-endian, unsigned) and its UTF-8.
    """
    digest = sha256(PREAMBLE)
    for rows in frame.select("row", "text", "label", "split").sort("row").iter_slices(SLICE):
        digest.update(b"".join(_bytes(rows.iter_rows())))
    return digest.hexdigest()


def _bytes(rows: Iterable[tuple[int, str, str, str]]) -> Iterable[bytes]:
    ends: dict[tuple[str, str], bytes] = {}  # label and split, of which there are few
    for row, text, label, split in rows:
        encoded = text.encode()
        end = ends.get((label, split))
        if end is None:
            end = ends[label, split] = _sized(label) + _sized(split)
        yield HEAD.pack(row, len(encoded)) + encoded + end


def _sized(text: str) -> bytes:
    encoded = text.encode()
    return len(encoded).to_bytes(4, "little") + encoded


def label_counts(frame: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Label -> split -> rows, labels in order, every split present."""
    counts: dict[str, dict[str, int]] = {}
    for label, split, rows in frame.group_by("label", "split").len().sort("label", "split").iter_rows():
        counts.setdefault(label, dict.fromkeys(SPLITS, 0))[split] = rows
    return counts


def row_counts(frame: pl.DataFrame) -> dict[str, int]:
    """Split -> rows, and "total"."""
    found = dict(frame.group_by("split").len().iter_rows())
    return {**{split: found.get(split, 0) for split in SPLITS}, "total": frame.height}
