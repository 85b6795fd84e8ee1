"""One JSON document: what a standard writer wrote comes back equal; what cannot be read is told with its place."""

import json
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE
from contracts.ingestion import Limits
from tests.training.ingest.child import good_rows, ingest
from tests.training.ingest.test_readers import OBJECTS, read, stored

GOOD: list[Mapping[str, object]] = [{"text": text, "label": label} for text, label in good_rows()]


@given(
    objects=OBJECTS,
    indent=st.sampled_from([None, 1]),
    escaped=st.booleans(),
    around=st.sampled_from([None, {"version": 1}, {"list": [1, [2]], "empty": [], "none": None}]),
)
@settings(deadline=None, max_examples=100)
def test_documents_come_back_equal(
    objects: list[dict[str, object]], indent: int | None, escaped: bool, around: dict[str, object] | None
) -> None:
    document: object = objects if around is None else {**around, "rows": objects, "count": 3}
    table, found = read(json.dumps(document, indent=indent, ensure_ascii=escaped), "json")
    assert table.faults == ()
    assert list(table.columns) == list(dict.fromkeys(key for each in objects for key in each))
    assert found == [tuple(stored(each, name) for name in table.columns) for each in objects]
    assert table.details == ({} if around is None else {"array": "rows"})


def test_a_document_longer_than_what_is_read_at_a_time_comes_back_equal() -> None:
    objects = [{"text": f"{at} " + "long " * at, "label": "ab"[at % 2]} for at in range(1_500)]
    _, found = read(json.dumps({"rows": objects}), "json")
    assert found == [(each["text"], each["label"]) for each in objects]


@pytest.mark.parametrize("filename", ["data.json", "data"])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("indent", [None, 2])
def test_a_document_is_recognised(filename: str, wrapped: bool, indent: int | None) -> None:
    outcome = ingest(json.dumps({"data": GOOD} if wrapped else GOOD, indent=indent), filename)
    assert outcome.told.format == "json"
    assert outcome.frame.select("text", "label").rows() == good_rows()


@pytest.mark.parametrize("filename", ["data.json", "data"])
def test_json_lines_called_json_are_read_as_lines(filename: str) -> None:
    content = "".join(json.dumps(each) + "\n" for each in GOOD)
    assert ingest(content, filename).told.format == "jsonl"


def test_another_encoding_is_confirmed_as_for_any_text() -> None:
    content = json.dumps([*GOOD, {"text": "größe", "label": "card"}], ensure_ascii=False).encode("latin-1")
    assert "encoding_unconfirmed" in ingest(content, "data.json").faults
    assert ingest(content, "data.json", encoding="latin-1").frame["text"].to_list()[-1] == "größe"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('[{"text": "a"}\n{"text": "b"}]', "Line 2: not valid JSON (, or ] is expected, '{')"),
        ('[{"text": "a"},\n {"text": "b"', "Line 2: not valid JSON (Expecting ',' delimiter)"),
        ('[{"text": "a"}', "Line 1: not valid JSON (, or ] is expected, the document ends)"),
        ('[\n\n{"text": nothing}]', "Line 3: not valid JSON (Expecting value)"),
        ('[{"text": "a"}] and more', "something follows the end"),
        ('{"a": [{"t": "x"}], "b": [{"t": "y"}]}', "Two arrays of objects, 'a' and 'b'"),
        ('{"text": "a", "list": [1, 2]}', "holds no array of objects"),
        ("{}", "holds no array of objects"),
        ('{"a" [1]}', ": is expected, '['"),
        ('"text"', "begins with [ or {"),
        ("[" * 100_000, "nested too deeply"),
        ('[{"n": ' + "9" * 5_000 + "}]", "too many digits"),
    ],
)
def test_a_broken_document_is_refused_with_its_line(content: str, reason: str) -> None:
    outcome = ingest(content, "data", format="json")
    assert reason in outcome.faults["bad_json"].message
    assert outcome.files == ()


@pytest.mark.parametrize(
    ("rows", "code", "reason"),
    [
        ('{"text": "a", "text": "b"}', "bad_json_row", "Row 2: a key appears twice"),
        ('{"text": NaN}', "bad_json_row", "Row 2: NaN is no JSON value"),
        ("[1]", "bad_json_row", "Row 2: not a JSON object"),
        ("{}", "bad_json_row", "Row 2: not a JSON object"),
        ('{"text": "a\\u0000"}', "nul_not_allowed", "Row 2: "),
        ('{"text": "\\ud800"}', "invalid_unicode", "Row 2: "),
    ],
)
def test_a_bad_row_is_told_and_the_rest_still_read(rows: str, code: str, reason: str) -> None:
    content = f'[{{"text": "a", "label": "b"}}, {rows}, {{"text": "x", "label": "{"y" * 20}"}}, 7]'
    faults = ingest(content, "data.json", limits=Limits(cell_characters=10)).faults
    assert faults[code].message.startswith(reason) or "Rows 2 and 4" in faults[code].message
    assert faults["cell_too_long"].message.startswith("Row 3:")


def test_limits_hold() -> None:
    assert "too_many_rows" in ingest(json.dumps(GOOD), "data.json", limits=Limits(rows=19)).faults
    wide: Sequence[object] = [{f"key {at}": "x"} for at in range(30)]
    assert "too_many_columns" in ingest(json.dumps(wide), "data.json", limits=Limits(columns=10)).faults


@pytest.mark.parametrize("content", ["[]", "[ ]", '{"rows": [], "text": "a"}'])
def test_a_document_without_rows_is_refused(content: str) -> None:
    assert set(ingest(content, "data.json").faults) <= {"empty_dataset", "bad_json"}


def test_missing_keys_and_other_types_are_told_by_row() -> None:
    rows: list[Mapping[str, object]] = [*GOOD, {"text": "no label"}, {"text": 3, "label": "a number"}]
    faults = ingest(json.dumps(rows), "data.json").faults
    assert faults["missing_key"].message.startswith("Row 21:")
    assert faults["wrong_type"].message.startswith("Row 22:")


def test_the_array_is_told() -> None:
    outcome = ingest(json.dumps({"meta": {"n": 1}, "examples": GOOD}), "data.json")
    assert outcome.code == DONE
    assert outcome.events[0].data["array"] == "examples"
