"""Rows nothing can be learnt from: refused before weights load, every fault at once, each with what to do about it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Fault, Problem
from contracts.task import MAX_LABELS, TEXT_CLASSIFICATION, TaskSpec
from tests.engine import tiny
from training.engine.checks import checked
from training.engine.data.reading import Rows
from training.engine.model.base import Base
from training.engine.tasks import kind_of

GOOD = tiny.rows()


def told(spec: FineTuneSpec, data: Path) -> tuple[Base, dict[str, Rows]]:
    return checked(kind_of(spec.task), spec, data)


def faults(base: Path, place: Path, rows: list[tiny.Row], **asked: Any) -> list[Fault]:
    with pytest.raises(Problem) as caught:
        told(tiny.spec(base, **asked), tiny.version(place, rows))
    return list(caught.value.faults)


def test_good_rows_pass(base: Path, data: Path) -> None:
    _, splits = told(tiny.spec(base), data)
    assert {name: len(rows) for name, rows in splits.items()} == {"train": 60, "validation": 15, "test": 30}


def test_a_label_never_seen_in_training_is_named(base: Path, tmp_path: Path) -> None:
    rows = [row for row in GOOD if row[1:] != ("fees", "train")]
    (fault,) = faults(base, tmp_path, rows)
    assert fault.code == "too_few_rows_for_label"
    assert fault.message == (
        "The label 'fees' has 0 training row(s) and needs 2: add examples or remove the label from the task."
    )


def test_an_unknown_label_is_named_with_its_first_row(base: Path, tmp_path: Path) -> None:
    rows = [*GOOD[:9], ("a refund please", "refunds", "train"), *GOOD[9:], ("and again", "refunds", "test")]
    (fault,) = faults(base, tmp_path, rows)
    assert fault.code == "unknown_label"
    assert "'refunds'" in fault.message
    assert "2 row(s) have it, the first is row 10" in fault.message


@pytest.mark.parametrize(("split", "kept"), [("train", 7), ("validation", 1), ("test", 0)])
def test_a_split_of_too_few_rows_is_named_with_what_it_needs(base: Path, tmp_path: Path, split: str, kept: int) -> None:
    few = [row for row in GOOD if row[2] == split][:kept]
    found = faults(base, tmp_path, [*few, *(row for row in GOOD if row[2] != split)])
    assert (found[0].code, found[0].param) == ("too_few_rows", split)
    assert f"The {split} split has {kept} row(s) and needs" in found[0].message


def test_rows_of_one_class_only_are_refused(base: Path, tmp_path: Path) -> None:
    found = faults(base, tmp_path, [(text, "cards", split) for text, _, split in GOOD])
    assert [(one.code, one.message.split("'")[1]) for one in found] == [
        ("too_few_rows_for_label", "loans"),
        ("too_few_rows_for_label", "fees"),
    ]


def test_cells_without_a_value_are_counted(base: Path, tmp_path: Path) -> None:
    path = tiny.version(tmp_path, GOOD) / "data.parquet"
    empty = pl.when(pl.col("row").is_in([4, 7])).then(None)
    pl.read_parquet(path).with_columns(empty.otherwise(pl.col("text")).alias("text")).write_parquet(path)
    with pytest.raises(Problem, match=r"2 row\(s\) have no text, the first is row 4") as caught:
        told(tiny.spec(base), tmp_path)
    assert (caught.value.code, caught.value.param) == ("missing_value", "text")


def test_a_missing_column_is_named(base: Path, tmp_path: Path) -> None:
    path = tiny.version(tmp_path, GOOD) / "data.parquet"
    pl.read_parquet(path).drop("label").write_parquet(path)
    with pytest.raises(Problem, match="lacks the column\\(s\\) label") as caught:
        told(tiny.spec(base), tmp_path)
    assert caught.value.code == "missing_column"


def test_a_strange_split_is_named(base: Path, tmp_path: Path) -> None:
    (fault,) = faults(base, tmp_path, [*GOOD, ("text", "cards", "holdout")])
    assert fault.code == "unknown_split"
    assert "'holdout'" in fault.message


@pytest.mark.parametrize(
    ("task", "code"),
    [
        (TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a",)), "label_count"),
        (TaskSpec(kind=TEXT_CLASSIFICATION, labels=tuple(map(str, range(MAX_LABELS + 1)))), "label_count"),
        (TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a", "b", "a")), "duplicate_label"),
        (TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a", "b"), metric="beauty"), "unknown_metric"),
    ],
)
def test_a_task_that_cannot_be_trained_is_refused(task: TaskSpec, code: str) -> None:
    assert [one.code for one in kind_of(task).faults_of_task(task)] == [code]


@pytest.mark.parametrize(("kind", "form"), [("text-to-song", None), ("unlabelled", "texts")])
def test_a_kind_that_the_engine_does_not_know_is_refused(kind: str, form: str | None) -> None:
    with pytest.raises(Problem, match="is not trained here; text-classification") as caught:
        kind_of(TaskSpec(kind=kind, form=form, labels=("a", "b")))
    assert caught.value.code == "unsupported_task"


def test_everything_wrong_anywhere_is_told_in_one_answer(tmp_path: Path) -> None:
    rows = [row for row in GOOD if row[2] != "test"] + [("hello", "greetings", "train")]
    asked = tiny.spec(tmp_path, method="magic", learning_rate=5.0, metric="beauty")
    spec = replace(asked, base=BaseModel(name="gone", location=str(tmp_path / "gone")))
    with pytest.raises(Problem) as caught:
        told(spec, tiny.version(tmp_path, rows))
    codes = [one.code for one in caught.value.faults]
    assert sorted(codes) == sorted(
        ["unknown_metric", "out_of_range", "unknown_method", "unknown_base_model", "too_few_rows", "unknown_label"]
    )
    assert caught.value.code == codes[0]


def test_no_more_of_a_customers_words_is_repeated_than_a_hundred_characters(base: Path, tmp_path: Path) -> None:
    (fault,) = faults(base, tmp_path, [*GOOD, ("text", "x" * 10_000 + "\x1b[31m", "train")])
    assert len(fault.message) < 300
    assert "\x1b" not in fault.message
