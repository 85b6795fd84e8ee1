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


def hashed(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def strings(*texts: str) -> bytes:
    encoded = [text.encode() for text in texts]
    lengths = b"".join(struct.pack("<q", len(each)) for each in encoded)
    return hashed(b"\1" * len(texts), hashed(lengths), hashed(*encoded))


def test_the_hash_is_over_the_documented_bytes() -> None:
    layout = b"landfall.dataset.2\n"
    layout += b"label\0" + strings("x", "y")
    layout += b"row\0" + hashed(b"\1\1", struct.pack("<2q", 1, 3))
    layout += b"split\0" + strings("train", "test")
    layout += b"text\0" + strings("a", "größe")
    assert logical_sha256(FRAME) == hashlib.sha256(layout).hexdigest()


def test_lists_numbers_and_what_is_missing_are_hashed_as_documented() -> None:
    frame = pl.DataFrame(
        {"row": [1, 2], "tags": [["a", "b"], None], "score": [0.5, None], "box": [{"x": 1.0}, {"x": 2.0}]}
    )
    lists = hashed(b"\1\0", hashed(struct.pack("<2q", 2, 0)), strings("a", "b"))
    layout = b"landfall.dataset.2\n"
    layout += b"box\0" + hashed(b"\1\1", b"x\0" + hashed(b"\1\1", struct.pack("<2d", 1.0, 2.0)))
    layout += b"row\0" + hashed(b"\1\1", struct.pack("<2q", 1, 2))
    layout += b"score\0" + hashed(b"\1\0", struct.pack("<2d", 0.5, 0.0))
    layout += b"tags\0" + lists
    assert logical_sha256(frame) == hashlib.sha256(layout).hexdigest()


def test_the_hash_never_changes_between_releases() -> None:
    assert logical_sha256(FRAME) == "92d089abc6db6c2b7b76948e882e30a8d4587b5fbf0d6f96afbf1ad625614ac5"


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
    assert outcome.files == ("data.parquet", "issues.json", "preview.json", "report.html", "report.json")


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
