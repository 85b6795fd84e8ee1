"""The erasing child: rows that name the subject go, all others keep everything, and nobody is told who it was."""

import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.codec import from_json, to_json
from contracts.erasing import ErasureSpec, Held
from contracts.ingestion import DatasetReport
from tests.training.ingest.child import Outcome, csv_of, good_rows, ingest, jsonl_of
from training.ingest.counting import logical_sha256
from training.ingest.erasing import main, naming

JANE = "Jane.Doe@example.com"


@dataclass(frozen=True)
class Erased:
    summary: dict[str, int]
    said: bytes
    folder: Path


def erased(before: Outcome, folder: Path, *, kind: str = "text-classification") -> Erased:
    for name in ("input", "work", "output"):
        (folder / name).mkdir()
    held = Held(id="dsv_1", task_kind=kind, filename="data.csv", report=before.told)
    before.frame.write_parquet(folder / "input" / "dsv_1.parquet")
    (folder / "input" / "dsv_1.issues.json").write_text(json.dumps(before.issues))
    (folder / "spec.json").write_bytes(to_json(ErasureSpec(subject=JANE, versions=(held,))))
    folders = [word for name in ("input", "work", "output") for word in (f"--{name}", str(folder / name))]
    with (folder / "events").open("wb") as stream:
        assert main(["--spec", str(folder / "spec.json"), *folders, "--events", str(stream.fileno())]) == 0
    said = (folder / "events").read_bytes()
    return Erased(json.loads(said.splitlines()[-1])["summary"], said, folder / "output" / "dsv_1")


def test_rows_that_name_the_subject_go_and_the_rest_keeps_number_and_split(tmp_path: Path) -> None:
    rows = [*good_rows(40), ("write to jane.doe@EXAMPLE.com please", "card"), ("<b>hi</b>", "loan"), (JANE, "card")]
    before = ingest(csv_of(rows))
    after = erased(before, tmp_path)
    assert after.summary == {"dsv_1": 2}
    frame = pl.read_parquet(after.folder / "data.parquet")
    assert frame.equals(before.frame.filter(~pl.col("row").is_in([41, 43])))
    report = from_json((after.folder / "report.json").read_bytes(), DatasetReport)
    assert report.rows["total"] == 41
    assert report.sha256 == logical_sha256(frame)
    assert sum(report.labels["card"].values()) == 20
    findings = {finding.code: finding for finding in report.findings}
    assert findings["markup"].rows == (42,)
    assert findings["personal_data"].count == 0


def test_no_trace_of_the_subject_is_left_or_told(tmp_path: Path) -> None:
    after = erased(ingest(csv_of([*good_rows(40), (f"it is {JANE}", "card")])), tmp_path)
    left = [path.read_text(encoding="utf-8") for path in after.folder.iterdir() if path.suffix != ".parquet"]
    left.append(str(pl.read_parquet(after.folder / "data.parquet").rows()))
    assert len(left) == 5
    assert JANE.lower() not in "".join(left).lower()
    assert JANE.lower().encode() not in after.said.lower()


def test_a_version_without_the_subject_is_left_alone(tmp_path: Path) -> None:
    after = erased(ingest(csv_of(good_rows(40))), tmp_path)
    assert after.summary == {}
    assert not after.folder.exists()


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("token-classification", {"tokens": ["ask", JANE], "tags": ["O", "B-PER"]}),
        ("translation", {"source": "house", "target": f"Haus {JANE}"}),
        ("tabular-regression", {"name": JANE, "size": 3, "target": 5}),
    ],
)
def test_lists_and_tables_are_looked_through_too(tmp_path: Path, kind: str, row: dict[str, object]) -> None:
    others: dict[str, list[dict[str, object]]] = {
        "token-classification": [{"tokens": ["in", f"City{n}"], "tags": ["O", "B-LOC"]} for n in range(40)],
        "translation": [{"source": f"house {n}", "target": f"Haus {n}"} for n in range(40)],
        "tabular-regression": [{"name": f"n{n}", "size": n, "target": n} for n in range(40)],
    }
    before = ingest(jsonl_of([*others[kind], row]), "rows.jsonl", task_kind=kind)
    assert erased(before, tmp_path, kind=kind).summary == {"dsv_1": 1}


@given(
    texts=st.lists(st.text("abX ", max_size=6), min_size=1, max_size=20), subject=st.text("abx", min_size=1, max_size=3)
)
def test_exactly_the_rows_that_hold_it_are_named(texts: list[str], subject: str) -> None:
    frame = pl.DataFrame({"row": range(len(texts)), "text": texts, "list": [[text, "other"] for text in texts]})
    expected = [subject in text.lower() for text in texts]
    assert naming(frame.select("row", "text"), subject).to_list() == expected
    assert naming(frame.select("row", "list"), subject).to_list() == [hit or subject in "other" for hit in expected]
