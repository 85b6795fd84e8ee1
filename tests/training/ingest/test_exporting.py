"""The exporting child: what comes out says what went in, and nothing that a spreadsheet would run."""

import csv
import io
import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import to_json
from contracts.exporting import ExportSpec
from training.ingest.exporting import harmless, main


def exported(frame: pl.DataFrame, form: str, folder: Path) -> tuple[str, dict[str, int]]:
    for name in ("input", "work", "output"):
        (folder / name).mkdir()
    frame.write_parquet(folder / "input" / "data.parquet")
    (folder / "spec.json").write_bytes(to_json(ExportSpec(source="data.parquet", format=form)))
    folders = [word for name in ("input", "work", "output") for word in (f"--{name}", str(folder / name))]
    with (folder / "events").open("wb") as stream:
        assert main(["--spec", str(folder / "spec.json"), *folders, "--events", str(stream.fileno())]) == 0
    said = json.loads((folder / "events").read_bytes().splitlines()[-1])["summary"]
    return (folder / "output" / f"data.{form}").read_text(encoding="utf-8"), said


FRAME = pl.DataFrame(
    {
        "row": [1, 2],
        "text": ["=HYPERLINK(1)", 'größe, "quoted"\nline'],
        "score": [-1.5, 2.0],
        "tags": [["O", "B-LOC"], []],
        "image": [{"path": "a.png", "bytes": b"x"}, {"path": "b.png", "bytes": b"y"}],
    }
)


def test_a_csv_holds_every_row_lists_as_json_and_no_bytes(tmp_path: Path) -> None:
    content, said = exported(FRAME, "csv", tmp_path)
    first, second = csv.DictReader(io.StringIO(content, newline=""))
    assert first == {
        "row": "1", "text": "'=HYPERLINK(1)", "score": "-1.5", "tags": '["O","B-LOC"]', "image": '{"path":"a.png"}',
    }  # fmt: skip
    assert (second["text"], second["tags"]) == (FRAME["text"][1], "[]")
    assert said == {"rows": 2, "neutralised": 1}


def test_json_lines_hold_texts_as_they_are(tmp_path: Path) -> None:
    content, said = exported(FRAME, "jsonl", tmp_path)
    rows = [json.loads(line) for line in content.splitlines()]
    assert rows[0]["text"] == "=HYPERLINK(1)"
    assert rows[0]["tags"] == ["O", "B-LOC"]
    assert said["neutralised"] == 0


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "@SUM(A1)", "-2+3", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_opened_by_an_apostrophe(cell: str) -> None:
    frame, count = harmless(pl.DataFrame({"text": [cell]}))
    assert (frame["text"][0], count) == (f"'{cell}", 1)


@pytest.mark.parametrize("cell", ["-5", "+4.25", "-1e-3", "a=b", "", "plain", " = no"])
def test_what_it_would_not_run_stays(cell: str) -> None:
    frame, count = harmless(pl.DataFrame({"text": [cell]}))
    assert (frame["text"][0], count) == (cell, 0)


@given(st.lists(st.text(max_size=8), min_size=1, max_size=10))
def test_no_cell_of_any_column_begins_as_a_formula(cells: list[str]) -> None:
    frame, _ = harmless(pl.DataFrame({"text": cells}))
    for before, after in zip(cells, frame["text"], strict=True):
        assert after in (before, f"'{before}")
        assert not after.startswith(("=", "@", "\t", "\r"))
