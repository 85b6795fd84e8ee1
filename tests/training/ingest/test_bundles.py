"""An archive of several files that are one table: splits one below another, aligned lines side by side."""

import gzip
import io
import zipfile
from collections.abc import Mapping

import pytest

from contracts.ingestion import Limits
from tests.training.ingest.child import csv_of, good_rows, ingest

ROWS = good_rows(60)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize(
    "names",
    [
        ("train.csv", "dev.csv", "test.csv"),
        ("data/training/part.csv", "data/valid/part.csv", "data/test/part.csv"),
        ("set-train-v2.csv", "set-val-v2.csv", "set-test-v2.csv"),
    ],
)
def test_files_named_after_splits_become_those_splits(names: tuple[str, str, str]) -> None:
    parts = (ROWS[:40], ROWS[40:50], ROWS[50:])
    files = {name: csv_of(part) for name, part in zip(names, parts, strict=True)}
    outcome = ingest(zipped({**files, "README.md": "about"}), "data.zip")
    assert outcome.told.rows == {"train": 40, "validation": 10, "test": 10, "total": 60}
    assert outcome.frame.select("text", "label").rows() == ROWS
    assert f"'{names[1]}' rows 41 to 50" in outcome.findings["several_files"].message


def test_columns_may_stand_in_another_order_but_not_be_others() -> None:
    turned = csv_of([(label, text) for text, label in ROWS[40:]], header=("label", "text"))
    outcome = ingest(zipped({"train.csv": csv_of(ROWS[:40]), "test.csv": turned}), "data.zip")
    assert outcome.frame.select("text", "label").rows() == ROWS
    other = csv_of(ROWS[40:], header=("text", "topic"))
    fault = ingest(zipped({"train.csv": csv_of(ROWS[:40]), "test.csv": other}), "data.zip").faults["columns_differ"]
    assert "'test.csv' has the columns 'text', 'topic'" in fault.message


def test_what_is_wrong_in_a_part_names_the_part() -> None:
    broken = csv_of(ROWS[40:]) + '"open,card\n'
    fault = ingest(zipped({"train.csv": csv_of(ROWS[:40]), "test.csv": broken}), "data.zip").faults[
        "unterminated_quote"
    ]
    assert fault.message.startswith("'test.csv': Line 22:")


def lines(values: list[str]) -> str:
    return "".join(f"{value}\n" for value in values)


@pytest.mark.parametrize("packed", [False, True])
def test_line_aligned_files_are_columns(packed: bool) -> None:
    texts, labels = zip(*ROWS, strict=True)
    files: dict[str, str | bytes] = {}
    for split, part in (("train", slice(0, 40)), ("val", slice(40, 50)), ("test", slice(50, 60))):
        for name, values in (("en", texts), ("de", labels)):
            content = lines(list(values[part]))
            files[f"{split}.{name}" + ".gz" * packed] = gzip.compress(content.encode()) if packed else content
    columns = {"source": "en", "target": "de"}
    outcome = ingest(zipped(files), "data.zip", task_kind="translation", columns=columns)
    assert outcome.told.format == "parallel"
    assert outcome.frame.select("source", "target").rows() == ROWS
    assert outcome.told.rows == {"train": 40, "validation": 10, "test": 10, "total": 60}


def test_aligned_files_in_folders_are_columns_by_name() -> None:
    texts, labels = zip(*ROWS, strict=True)
    files = {
        f"{split}/{name}": lines(list(values[part]))
        for split, part in (("train", slice(0, 40)), ("valid", slice(40, 60)))
        for name, values in (("seq.in", texts), ("label", labels))
    }
    outcome = ingest(zipped(files), "data.zip", columns={"text": "seq.in", "label": "label"})
    assert outcome.frame.select("text", "label").rows() == ROWS


def test_files_that_do_not_run_side_by_side_are_told_with_their_lengths() -> None:
    files = {"train.en": lines(["a"] * 30), "train.de": lines(["b"] * 29)}
    fault = ingest(zipped(files), "data.zip", task_kind="translation").faults["unequal_lines"]
    assert "'train.en' has 30 lines, 'train.de' has 29 lines" in fault.message


def test_an_archive_within_is_refused_still() -> None:
    files: dict[str, str | bytes] = {"train.csv": csv_of(ROWS), "test.csv": zipped({"a.csv": "x"})}
    assert "nested_archive" in ingest(zipped(files), "data.zip").faults


def test_the_files_rows_are_limited_together() -> None:
    files = {"train.csv": csv_of(ROWS[:40]), "test.csv": csv_of(ROWS[40:])}
    assert "too_many_rows" in ingest(zipped(files), "data.zip", limits=Limits(rows=50)).faults
