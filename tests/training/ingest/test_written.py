"""How a delimited file is written, where the customer says so; an option that its format does not know is refused."""

import pytest

from tests.training.ingest.child import csv_of, good_rows, ingest, jsonl_of

ROWS = [(text, label) for text, label in good_rows()]
COLUMNS = {"text": "column_1", "label": "column_2"}


def test_a_file_without_a_header_has_numbered_columns_and_loses_no_row() -> None:
    content = csv_of(ROWS).split("\r\n", 1)[1]
    outcome = ingest(content, header=False, columns=COLUMNS)
    assert outcome.frame.select("text", "label").rows() == ROWS


@pytest.mark.parametrize("delimiter", ["@", "^", " ", "~"])
def test_any_one_character_parts_cells(delimiter: str) -> None:
    rows = [(text.replace(" ", "_"), label) for text, label in ROWS]
    content = "text" + delimiter + "label\n" + "".join(f"{text}{delimiter}{label}\n" for text, label in rows)
    assert ingest(content, delimiter=delimiter).frame.select("text", "label").rows() == rows


@pytest.mark.parametrize("delimiter", ["", "::", '"', "\n"])
def test_what_parts_no_cells_is_refused(delimiter: str) -> None:
    assert ingest(csv_of(ROWS), delimiter=delimiter).faults["bad_delimiter"].param == "delimiter"


def test_quotes_are_characters_like_others_where_the_customer_says_so() -> None:
    content = "text\tlabel\n" + "".join(f'"{text}\t{label}\n' for text, label in ROWS)
    assert '"quotes": false' in ingest(content, "data.tsv").faults["unterminated_quote"].message
    outcome = ingest(content, "data.tsv", quotes=False)
    assert outcome.frame["text"].to_list() == [f'"{text}' for text, _ in ROWS]


def test_rows_of_other_lengths_are_fitted_where_asked_and_told() -> None:
    content = csv_of([*ROWS, ("too", "card", "much"), ("little",)])
    assert '"fit": true' in ingest(content).faults["ragged_rows"].message
    outcome = ingest(content, fit=True)
    assert outcome.findings["ragged_rows"].message.startswith("Lines 22 and 23:")
    assert outcome.frame.select("text", "label").rows() == [*ROWS, ("too", "card")]
    assert outcome.findings["empty_label"].rows == (22,)


@pytest.mark.parametrize(
    ("name", "value"),
    [("sheet", "Data"), ("header", False), ("delimiter", ";"), ("quotes", False), ("document", "file"), ("fit", True)],
)
def test_an_option_that_the_format_does_not_know_is_refused_by_name(name: str, value: object) -> None:
    content = jsonl_of({"text": text, "label": label} for text, label in ROWS)
    fault = ingest(content, "data.jsonl", **{name: value}).faults["option_not_known"]  # type: ignore[arg-type]
    assert (fault.param, f'Leave out "{name}"' in fault.message) == (name, True)


def test_all_options_that_make_no_sense_are_told_at_once() -> None:
    outcome = ingest(jsonl_of([{"text": "a", "label": "b"}]), "data.jsonl", header=False, fit=True)
    assert {fault.param for fault in outcome.messages[-1].faults} == {"header", "fit"}  # type: ignore[union-attr]
