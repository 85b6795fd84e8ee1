"""Real public data, where it is at hand: LANDFALL_DATA, or shared/data beside the checkout. None of it is shipped."""

import gzip
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from backports import zstd

from contracts.child import DONE
from tests.training.ingest.child import csv_of, ingest, jsonl_of
from tests.training.ingest.test_readers import read
from tests.training.ingest.workbook import workbook

ROOT = Path(__file__).parents[3]
DATA = Path(os.environ.get("LANDFALL_DATA", ROOT.parent / "shared" / "data"))
NAMES = ("banking77", "fpb", "snips", "csv_spectrum", "sst2", "bankfaqs", "gold_news", "conll2003", "weibo_ner")
# Of the CSV suite as stored there: another telephone number in the JSON than in the CSV; CRs lost from the CSV alone.
CONTRADICTORY = {"location_coordinates", "newlines_crlf"}

# Sets that are one text and one label a row: the file of their normalised copy, its columns, rows and labels.
SETS = {
    "sst2": ("sst2/train.jsonl", {"text": "text", "label": "label"}, 6_920, 2),
    "bankfaqs": ("bankfaqs/all.jsonl", {"text": "question", "label": "label"}, 1_764, 7),
    "gold_news": ("gold_news/all.jsonl", {"text": "text", "label": "label"}, 10_570, 4),
    "fpb": ("fpb/all.jsonl", {"text": "text", "label": "label"}, 4_846, 3),
    "banking77": ("banking77/train.jsonl", {"text": "text", "label": "label"}, 10_003, 77),
}

pytestmark = pytest.mark.skipif(
    not (DATA / "unpack.py").exists(), reason="the public data sets are not here; LANDFALL_DATA names their folder"
)


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    command = [sys.executable, str(DATA / "unpack.py"), str(folder), *NAMES]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return folder


def test_banking77_enters_as_it_was_published(data: Path) -> None:
    outcome = ingest((data / "banking77/raw/banking_data/train.csv").read_bytes(), "train.csv")
    assert outcome.code == DONE
    assert outcome.told.columns == {"text": "text", "label": "category"}
    assert outcome.told.rows["total"] == 10_003
    assert len(outcome.told.labels) == 77
    assert min(splits["train"] for splits in outcome.told.labels.values()) > 0
    assert min(splits["test"] for splits in outcome.told.labels.values()) > 0


def test_the_financial_phrase_bank_asks_for_its_encoding_and_then_enters(data: Path) -> None:
    raw = (data / "fpb/raw/FinancialPhraseBank/Sentences_AllAgree.txt").read_bytes()
    rows = [line.rsplit("@", 1) for line in raw.decode("iso-8859-1").splitlines()]
    content = csv_of(rows, header=("sentence", "sentiment")).encode("iso-8859-1")
    assert "cp1252" in ingest(content).faults["encoding_unconfirmed"].message
    outcome = ingest(content, encoding="iso-8859-1")
    assert outcome.told.encoding == "iso8859-1"
    assert outcome.told.rows["total"] == len(rows) == 2_264
    assert outcome.frame.select("text", "label").rows() == [tuple(row) for row in rows]


def test_snips_enters_as_its_two_raw_files_side_by_side(data: Path) -> None:
    folder = data / "snips/raw/data/snips/train"
    texts, labels = (folder / "seq.in").read_text().splitlines(), (folder / "label").read_text().splitlines()
    outcome = ingest(csv_of(zip(texts, labels, strict=True), delimiter="\t"), "train.tsv")
    assert outcome.told.rows["total"] == 13_084
    assert len(outcome.told.labels) == 7
    assert "duplicate_text" in outcome.findings


def test_snips_enters_as_json_lines(data: Path) -> None:
    outcome = ingest((data / "snips/train.jsonl").read_bytes(), "train.jsonl")
    assert outcome.told.rows["total"] == 13_084
    assert outcome.told.columns == {"text": "text", "label": "label"}


def test_the_csv_test_suite_is_read_as_it_expects(data: Path) -> None:
    folder = data / "csv_spectrum/raw/csv_spectrum"
    names = sorted({path.stem for path in (folder / "csvs").glob("*.csv")} - CONTRADICTORY)
    assert len(names) == 10
    for name in names:
        table, rows = read((folder / "csvs" / f"{name}.csv").read_bytes().decode(), "csv")
        assert table.faults == ()
        found = [dict(zip(table.columns, row, strict=True)) for row in rows]
        assert found == json.loads((folder / "json" / f"{name}.json").read_text(encoding="utf-8")), name


def written(rows: list[dict[str, str]], form: str) -> bytes:
    """The rows as a customer would send them in a format."""
    frame = pl.DataFrame(rows)
    match form:
        case "xlsx":
            return workbook({"Sheet1": [list(rows[0]), *(list(row.values()) for row in rows)]})
        case "parquet":
            stream = io.BytesIO()
            frame.write_parquet(stream)
            return stream.getvalue()
        case "json.gz":
            return gzip.compress(json.dumps({"rows": rows}).encode(), compresslevel=1)
        case "csv.zst":
            return zstd.compress(frame.write_csv().encode())
        case _:
            return jsonl_of(rows).encode()


@pytest.mark.parametrize("name", SETS)
def test_a_public_set_is_the_same_version_in_every_format(data: Path, name: str) -> None:
    path, columns, rows, labels = SETS[name]
    lines = (data / path).read_text(encoding="utf-8").splitlines()
    content = [{key: str(json.loads(line)[key]) for key in columns.values()} for line in lines]
    hashes = set()
    for form in ("jsonl", "xlsx", "parquet", "json.gz", "csv.zst"):
        outcome = ingest(written(content, form), f"data.{form}", columns=columns)
        assert outcome.code == DONE, (form, outcome.messages[-1])
        assert outcome.told.rows["total"] == rows
        assert len(outcome.told.labels) == labels
        hashes.add(outcome.told.sha256)
    assert len(hashes) == 1


def test_numbers_as_labels_are_their_spelling_in_json_lines_and_parquet_alike(data: Path) -> None:
    raw = (data / "sst2/train.jsonl").read_bytes()
    assert set(ingest(raw, "train.jsonl").told.labels) == {"0", "1"}
    stream = io.BytesIO()
    pl.read_ndjson(raw).write_parquet(stream)
    assert set(ingest(stream.getvalue(), "train.parquet").told.labels) == {"0", "1"}


def test_gold_news_enters_as_it_was_published(data: Path) -> None:
    raw = (data / "gold_news/raw/gold-dataset-sinha-khandait.csv").read_bytes()
    columns = {"text": "News", "label": "Price Sentiment"}
    outcome = ingest(raw, "gold-dataset-sinha-khandait.csv", columns=columns)
    assert outcome.code == DONE, outcome.messages[-1]
    assert outcome.told.rows["total"] == 10_570


def test_bank_faqs_enter_as_they_were_published(data: Path) -> None:
    raw = (data / "bankfaqs/raw/BankFAQs.csv").read_bytes()
    outcome = ingest(raw, "BankFAQs.csv", columns={"text": "Question", "label": "Class"})
    assert outcome.code == DONE, outcome.messages[-1]
    assert len(outcome.told.labels) == 7
