"""The version itself: its logical hash, data.parquet, and report.json, which comes last."""

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import polars as pl

from contracts.codec import to_json
from contracts.ingestion import SPLITS, DatasetReport

DATA, REPORT = "data.parquet", "report.json"
PREAMBLE = b"landfall.dataset.1\n"
SLICE = 50_000  # rows turned into Python objects at a time


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
    for row, *texts in rows:
        yield row.to_bytes(8, "little", signed=True)
        for text in texts:
            encoded = text.encode()
            yield len(encoded).to_bytes(4, "little")
            yield encoded


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


def write(frame: pl.DataFrame, report: DatasetReport, output: Path) -> None:
    """Both files appear whole or not at all; a folder without report.json is no version."""
    draft = output / f".{DATA}.tmp"
    frame.select("row", "text", "label", "split").write_parquet(draft)
    draft.rename(output / DATA)
    draft = output / f".{REPORT}.tmp"
    draft.write_bytes(to_json(report))
    draft.rename(output / REPORT)
