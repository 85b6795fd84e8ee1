"""Tables and sequences: how columns are typed, and what the doctor says of them, by column and row."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.ingest.child import Outcome, csv_of, ingest, jsonl_of
from training.ingest.tables import cells

HEADER = ("age", "city", "since", "price", "km")


def table(change: dict[int, tuple[str, ...]] | None = None, rows: int = 200) -> Outcome:
    content = []
    for n in range(1, rows + 1):
        row = (str(40 + n % 10), ("Berlin", "Paris", "Rome")[n % 3], f"2024-{1 + n % 12:02}-15", f"{n % 40}.5")
        content.append((*(change or {}).get(n, row), f"{n}.25"))
    return ingest(csv_of(content, header=HEADER), task_kind="tabular-regression", columns={"target": "price"})


def test_columns_are_numbers_moments_or_strings_as_their_cells_say() -> None:
    outcome = table()
    assert outcome.told.columns == {"features": ("age", "city", "since", "km"), "target": "price"}
    assert outcome.frame["features"].dtype == pl.Struct(
        {"age": pl.Float64, "city": pl.String, "since": pl.Datetime("us"), "km": pl.Float64}
    )
    first = outcome.frame["features"][0]
    assert (first["age"], first["city"], first["since"].date()) == (41.0, "Paris", date(2024, 2, 15))


def test_what_is_no_number_in_a_column_of_numbers_becomes_empty_and_is_told() -> None:
    outcome = table({7: ("old", "Rome", "2024-01-15", "1"), 9: ("30", "Rome", "0201-04-27", "2")})
    assert outcome.findings["broken_number"].rows == (7,)
    assert "'age' (row 7)" in outcome.findings["broken_number"].message
    assert outcome.findings["broken_date"].rows == (9,)
    assert outcome.frame["features"][6]["age"] is None


@pytest.mark.parametrize("nothing", ["", "NA", "n/a", "NaN ", "null", "-", "?"])
def test_words_for_nothing_are_nothing(nothing: str) -> None:
    outcome = table({5: (nothing, "Rome", "2024-01-15", "1")})
    assert outcome.frame["features"][4]["age"] is None
    assert "broken_number" not in outcome.findings


def test_a_row_without_any_value_is_left_out() -> None:
    rows = [("", "NA", "3") if n == 5 else (str(n), f"x{n % 4}", str(n % 7)) for n in range(1, 101)]
    content = csv_of(rows, header=("size", "kind", "price"))
    outcome = ingest(content, task_kind="tabular-regression", columns={"target": "price"})
    assert outcome.findings["empty_features"].rows == (5,)
    assert outcome.frame.height == 99


CASES = {
    "impossible_value": ({8: ("-3", "Rome", "2024-01-15", "1")}, "'age' (row 8)"),
    "outlier": ({8: ("120", "Rome", "2024-01-15", "1")}, "'age' (row 8)"),
    "rare_spelling": ({8: ("30", "Berlln", "2024-01-15", "1")}, "'city' (row 8)"),
}


@pytest.mark.parametrize("code", CASES)
def test_a_cell_unlike_its_column_is_told(code: str) -> None:
    change, words = CASES[code]
    finding = table(dict(change)).findings[code]
    assert words in finding.message
    assert finding.rows == (8,)


def test_an_ordinary_table_is_not_complained_about() -> None:
    assert set(table().findings) <= {"duplicate_text"}


def wide(**columns: list[str]) -> Outcome:
    rows = list(zip(*columns.values(), strict=True))
    return ingest(csv_of(rows, header=tuple(columns)), task_kind="tabular-classification", columns={"label": "label"})


def test_whole_columns_that_teach_nothing_are_named() -> None:
    outcome = wide(
        label=["ab"[n % 2] for n in range(100)],
        id=[f"order {n}" for n in range(100)],
        same=["x"] * 100,
        empty=["" if n % 3 else "y" for n in range(100)],
        told=["won" if n % 2 else "lost" for n in range(100)],
        size=[str(n % 5) for n in range(100)],
    )
    expected = {"id_column": "'id'", "constant_column": "'same', 'empty'", "mostly_empty": "'empty'"}
    for code, names in {**expected, "target_leak": "'told'"}.items():
        assert names in outcome.findings[code].message
        assert outcome.findings[code].count == names.count(",") + 1
    assert "'size'" not in outcome.findings["target_leak"].message


def test_a_cell_that_other_columns_contradict_is_told() -> None:
    codes = [f"{10_000 + n % 10}" for n in range(200)]
    towns = [f"town of {'abcdefghij'[n % 10]}" for n in range(200)]
    towns[33] = "town of a"
    outcome = wide(
        label=["ab"[n // 7 % 2] for n in range(200)],
        code=[f"c{code}" for code in codes],
        town=towns,
        n=[str(n) for n in range(200)],
    )
    assert outcome.findings["broken_dependency"].rows == (34,)


@given(rows=st.lists(st.tuples(st.text("ab ", max_size=3), st.text("xy1", max_size=4)), min_size=1, max_size=40))
@settings(deadline=None, max_examples=100)
def test_detectors_take_any_table(rows: list[tuple[str, str]]) -> None:
    frame = pl.DataFrame(rows, schema=["one", "two"], orient="row")
    for marked in cells.suspicious(frame).values():
        assert all(len(each) == len(rows) for each in marked.values())


LEARNERS = [{"skills": [n, n + 1, n % 3], "correct": [1, 0, n % 2]} for n in range(40)]


def test_sequences_are_read_from_arrays_and_from_text() -> None:
    one = ingest(jsonl_of(LEARNERS), "learners.jsonl", task_kind="sequence-prediction")
    rows = [(",".join(map(str, each["skills"])), ",".join(map(str, each["correct"]))) for each in LEARNERS]
    other = ingest(csv_of(rows, header=("skills", "correct")), task_kind="sequence-prediction")
    assert one.told.form == other.told.form == "answered"
    assert one.frame.row(3) == other.frame.row(3)
    assert one.frame.row(3, named=True)["items"] == ["3", "4", "0"]
    assert one.frame.row(3, named=True)["outcomes"] == [1.0, 0.0, 1.0]


def test_items_alone_are_a_form_of_their_own() -> None:
    rows = [{"items": ["view", f"buy {n}"]} for n in range(40)]
    assert ingest(jsonl_of(rows), "r.jsonl", task_kind="sequence-prediction").told.form == "next-item"


@pytest.mark.parametrize(
    ("row", "code"),
    [({"skills": [1, 2], "correct": [1]}, "length_mismatch"), ({"skills": [1], "correct": ["yes"]}, "bad_number")],
)
def test_what_does_not_fit_is_told_by_row(row: dict[str, object], code: str) -> None:
    outcome = ingest(jsonl_of([*LEARNERS, row]), "r.jsonl", task_kind="sequence-prediction")
    assert outcome.faults[code].message.startswith("Row 41:")
