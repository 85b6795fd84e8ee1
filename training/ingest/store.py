"""A version's files: data.parquet, issues.json, preview.json, report.html, and report.json, which comes last."""

from pathlib import Path

import polars as pl

from contracts.codec import to_json
from contracts.ingestion import IngestionSpec
from contracts.task import BOXES, ITEMS, MEDIA, OUTCOMES, TAGS, TEXT, TOKENS
from training.ingest.media import keeping
from training.ingest.report.page import page
from training.ingest.version import Version

DATA, REPORT, ISSUES, PREVIEW = "data.parquet", "report.json", "issues.json", "preview.json"
PAGE = "report.html"
PIECES = "pieces"  # of a preview's row: each text as a base model reads it
MOST_ROWS = 10_000  # of one finding that issues.json lists; the finding's count says how many there are
SHOWN_ROWS, SHOWN_CHARACTERS, SHOWN_ITEMS = 100, 2_000, 200  # of a preview, a text, a list


def write(version: Version, spec: IngestionSpec, output: Path) -> None:
    """Each file appears whole or not at all; a folder without report.json is no version."""
    draft = output / f".{DATA}.tmp"
    if media := version.form.of(*MEDIA):
        keeping.write(version.frame, media, version.files, draft)
    else:
        version.frame.write_parquet(draft)
    draft.rename(output / DATA)
    _write(output / ISSUES, {code: rows.head(MOST_ROWS).to_list() for code, rows in version.issues.items()})
    rows = preview(version)
    _write(output / PREVIEW, rows)
    (output / PAGE).write_text(page(spec.filename, spec.task_kind, version.report, rows), encoding="utf-8")
    _write(output / REPORT, version.report)


def preview(version: Version) -> list[dict[str, object]]:
    """The first rows, long texts cut: what a person looks at without fetching the data."""
    texts = [pl.col(name).str.head(SHOWN_CHARACTERS) for name in version.form.of(TEXT)]
    lists = [pl.col(name).list.head(SHOWN_ITEMS) for name in version.form.of(TOKENS, TAGS, ITEMS, OUTCOMES, BOXES)]
    rows = version.frame.head(SHOWN_ROWS).with_columns(*texts, *lists).to_dicts()
    if by := version.reader:
        for row in rows:
            row[PIECES] = {name: by.pieces(row[name])[:SHOWN_ITEMS] for name in version.form.of(TEXT)}
    return rows


def _write(path: Path, value: object) -> None:
    draft = path.with_name(f".{path.name}.tmp")
    draft.write_bytes(to_json(value))
    draft.rename(path)
