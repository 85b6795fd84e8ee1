"""Splits other than by ratio: by a column of names, by group, by time, and the numbers of folds."""

import polars as pl
import pytest

from contracts.ingestion import SplitSpec
from tests.training.ingest.child import csv_of, good_rows, ingest

HEADER = ("text", "label", "by")


def rows_by(values: list[str]) -> str:
    return csv_of([(*row, value) for row, value in zip(good_rows(len(values)), values, strict=True)], header=HEADER)


def test_a_column_of_names_is_followed_whatever_they_are_called() -> None:
    values = ["Train", "dev", "TEST", "training", "valid", "train", "test", "train", "val", "train", *["train"] * 10]
    frame = ingest(rows_by(values), split=SplitSpec(method="column", column="by")).frame
    assert frame["split"].to_list()[:5] == ["train", "validation", "test", "train", "validation"]
    assert frame.columns == ["row", "text", "label", "by", "split"]


def test_a_column_called_split_is_followed_unasked_where_it_names_splits() -> None:
    content = rows_by(["train"] * 14 + ["dev"] * 3 + ["test"] * 3).replace("text,label,by", "text,label,split")
    outcome = ingest(content)
    assert outcome.told.rows == {"train": 14, "validation": 3, "test": 3, "total": 20}
    assert outcome.told.split["method"] == "column"
    other = ingest(content.replace("dev", "left"))
    assert other.told.split["method"] == "ratio"
    assert other.frame.columns == ["row", "text", "label", "split"]


def test_a_split_that_the_column_lacks_is_cut_from_training() -> None:
    values = ["test" if number % 5 == 0 else "train" for number in range(100)]
    outcome = ingest(rows_by(values), split=SplitSpec(method="column", column="by"))
    assert outcome.told.rows == {"train": 72, "validation": 8, "test": 20, "total": 100}


def test_values_that_name_no_split_are_told() -> None:
    fault = ingest(rows_by(["train"] * 18 + ["later", "?"]), split=SplitSpec(method="column", column="by")).faults
    assert "'later', '?'" in fault["bad_split"].message
    lacking = ingest(rows_by(["test"] * 20), split=SplitSpec(method="column", column="by")).faults["bad_split"]
    assert "says train" in lacking.message


def test_texts_on_both_sides_of_a_given_split_are_leaks() -> None:
    rows = [(*row, "train") for row in good_rows(20)]
    rows += [
        ("this is THE text of row 3", "card", "test"),
        ("new", "loan", "test"),
        ("this is the text of row 4", "loan", "dev"),
    ]
    finding = ingest(csv_of(rows, header=HEADER), split=SplitSpec(method="column", column="by")).findings["leak"]
    assert (finding.rows, finding.fix) == ((21, 23), "drop_rows")


def test_a_label_that_only_the_test_knows_is_told() -> None:
    rows = [(*row, "train") for row in good_rows(20)] + [("new", "other", "test"), ("newer", "card", "dev")]
    finding = ingest(csv_of(rows, header=HEADER), split=SplitSpec(method="column", column="by")).findings
    assert finding["label_not_in_training"].rows == (21,)


def test_a_group_lies_in_one_split_and_so_do_its_texts() -> None:
    values = [f"customer {number // 4}" for number in range(200)]
    content = rows_by(values) + "this is the text of row 1,card,customer 49\n"
    frame = ingest(content, split=SplitSpec(method="group", column="by")).frame
    assert frame.group_by("by").agg(pl.col("split").n_unique())["split"].max() == 1
    joined = frame.filter(pl.col("by").is_in(["customer 0", "customer 49"]))
    assert joined["split"].n_unique() == 1
    assert set(frame["split"]) == {"train", "validation", "test"}


def test_time_tests_on_what_came_last() -> None:
    values = [f"2024-{1 + number // 28:02}-{1 + number % 28:02}" for number in range(100)][::-1]
    frame = ingest(rows_by(values), split=SplitSpec(method="time", column="by")).frame
    latest = {name: frame.filter(split=name)["by"].max() for name in ("train", "validation", "test")}
    earliest = {name: frame.filter(split=name)["by"].min() for name in ("train", "validation", "test")}
    assert str(latest["train"]) < str(earliest["validation"]) <= str(latest["validation"]) < str(earliest["test"])
    assert frame.filter(split="test").height == 10


@pytest.mark.parametrize("form", ["2024-05-{:02} 17:30", "2024-05-{:02}T17:30:00Z", "{:02}.05.2024", "171700{:04}"])
def test_moments_are_read_as_usually_written(form: str) -> None:
    frame = ingest(rows_by([form.format(1 + n) for n in range(20)]), split=SplitSpec(method="time", column="by")).frame
    assert frame.filter(split="test")["row"].to_list() == [19, 20]


def test_rows_without_a_moment_train_and_are_told() -> None:
    values = [f"2024-05-{number + 1:02}" for number in range(20)]
    values[3], values[18] = "soon", "0201-04-27"
    outcome = ingest(rows_by(values), split=SplitSpec(method="time", column="by"))
    assert outcome.findings["undated"].rows == (4, 19)
    assert set(outcome.frame.filter(pl.col("row").is_in([4, 19]))["split"]) == {"train"}


@pytest.mark.parametrize("form", ["{:02}-05-2024", "05/{:02}/2024 10:30"])
def test_days_that_only_one_order_can_read_are_in_that_order(form: str) -> None:
    frame = ingest(rows_by([form.format(20 - n) for n in range(20)]), split=SplitSpec(method="time", column="by")).frame
    assert frame.filter(split="test")["row"].to_list() == [1, 2]


def test_days_that_may_mean_two_are_asked_about() -> None:
    values = [f"{1 + number % 12:02}/05/2024" for number in range(20)]
    fault = ingest(rows_by(values), split=SplitSpec(method="time", column="by")).faults["bad_split"]
    assert "'01/05/2024'" in fault.message


def test_folds_number_every_row_outside_the_test_evenly_and_keep_texts_together() -> None:
    content = csv_of([*good_rows(100), *good_rows(10)])
    frame = ingest(content, split=SplitSpec(folds=5)).frame
    assert frame.filter(split="test")["fold"].null_count() == frame.filter(split="test").height
    rest = frame.filter(pl.col("split") != "test")
    assert set(rest["fold"]) == set(range(5))
    assert rest.group_by("text").agg(pl.col("fold").n_unique())["fold"].max() == 1
    sizes = rest.unique("text")["fold"].value_counts()["count"]
    assert sizes.max() - sizes.min() <= 2  # type: ignore[operator]


@pytest.mark.parametrize(
    ("spec", "param"),
    [
        (SplitSpec(method="chance"), "split.method"),
        (SplitSpec(method="time"), "split.column"),
        (SplitSpec(column="by"), "split.column"),
        (SplitSpec(folds=1), "split.folds"),
        (SplitSpec(train=0.5), "split"),
    ],
)
def test_a_split_that_makes_no_sense_is_refused_by_field(spec: SplitSpec, param: str) -> None:
    assert ingest(csv_of(good_rows()), split=spec).faults["bad_split"].param == param


def test_a_column_that_is_not_there_is_refused_with_the_nearest() -> None:
    fault = ingest(rows_by(["x"] * 20), split=SplitSpec(method="group", column="bye")).faults["missing_column"]
    assert "Did you mean 'by'?" in fault.message
    assert fault.param == "split.column"
