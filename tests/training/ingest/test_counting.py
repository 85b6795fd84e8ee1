"""The version on disk: its columns, its counts, and a hash anyone can compute from the documented bytes."""

import hashlib
import struct

import polars as pl

from contracts.ingestion import SplitSpec
from tests.training.ingest.child import csv_of, good_rows, ingest, jsonl_of
from training.ingest.counting import logical_sha256

FRAME = pl.DataFrame(
    {"row": [1, 3], "text": ["a", "größe"], "label": ["x", "y"], "split": ["train", "test"]},
    schema_overrides={"row": pl.Int64},
)


def test_the_hash_is_over_the_documented_bytes() -> None:
    layout = b"landfall.dataset.1\n"
    for row, *texts in FRAME.iter_rows():
        layout += struct.pack("<q", row)
        layout += b"".join(struct.pack("<I", len(text.encode())) + text.encode() for text in texts)
    assert logical_sha256(FRAME) == hashlib.sha256(layout).hexdigest()


def test_the_hash_never_changes_between_releases() -> None:
    assert logical_sha256(FRAME) == "f6e72c4deefba765e249989d8720b0e561203ef6fdad2b11f6040be12b6d9040"


def test_the_hash_knows_rows_by_number_not_by_place() -> None:
    assert logical_sha256(FRAME.reverse()) == logical_sha256(FRAME)


def test_moving_a_character_between_cells_changes_the_hash() -> None:
    moved = FRAME.with_columns(pl.Series("text", ["ax", "größe"]), pl.Series("label", ["", "y"]))
    assert logical_sha256(moved) != logical_sha256(FRAME)


def test_the_data_holds_row_text_label_and_split_in_the_file_s_order() -> None:
    outcome = ingest(csv_of(good_rows()))
    types = {"row": pl.Int64, "text": pl.String, "label": pl.String, "split": pl.String}
    assert outcome.frame.schema == types
    assert outcome.frame.select("row", "text", "label").rows() == [
        (at, *row) for at, row in enumerate(good_rows(), start=1)
    ]
    assert outcome.files == ("data.parquet", "issues.json", "preview.json", "report.json")


def test_the_report_counts_what_the_data_holds() -> None:
    outcome = ingest(csv_of(good_rows(100)), split=SplitSpec(seed=3))
    frame, report = outcome.frame, outcome.told
    assert report.rows["total"] == 100
    assert sum(report.rows[name] for name in ("train", "validation", "test")) == 100
    assert set(report.labels) == {"card", "loan"}
    for label, splits in report.labels.items():
        for name, count in splits.items():
            assert frame.filter(pl.col("label") == label, pl.col("split") == name).height == count
    assert report.sha256 == logical_sha256(frame)


def test_the_format_of_the_upload_does_not_change_the_hash() -> None:
    rows = good_rows()
    objects = [{"text": text, "label": label} for text, label in rows]
    uploads = [
        ingest(csv_of(rows)),
        ingest(csv_of(rows, delimiter=";")),
        ingest(csv_of(rows, delimiter="\t"), "data.tsv"),
        ingest(jsonl_of(objects), "data.jsonl"),
        ingest(jsonl_of(objects), "data"),
    ]
    assert len({outcome.told.sha256 for outcome in uploads}) == 1
    assert [outcome.told.format for outcome in uploads] == ["csv", "csv", "tsv", "jsonl", "jsonl"]
