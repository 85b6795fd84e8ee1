"""Roles of columns: mapped, guessed by name, guessed by content, or asked for."""

import pytest

from tests.training.ingest.child import csv_of, good_rows, ingest, jsonl_of


@pytest.mark.parametrize(
    ("header", "text", "label"),
    [
        (("text", "label"), "text", "label"),
        (("Utterance", "INTENT"), "Utterance", "INTENT"),
        (("sentence", "Class Label"), "sentence", "Class Label"),
        (("message", "category"), "message", "category"),
        (("q", "z"), "q", "z"),
        (("^.*$", "^.*"), "^.*$", "^.*"),
    ],
)
def test_roles_are_guessed_and_told(header: tuple[str, str], text: str, label: str) -> None:
    outcome = ingest(csv_of(good_rows(), header=header))
    assert outcome.told.columns == {"text": text, "label": label}
    assert outcome.frame["text"].to_list() == [row[0] for row in good_rows()]
    assert any("guessed" in event.message for event in outcome.events)


def test_a_mapped_column_is_taken_as_told() -> None:
    rows = [(text, "noise", label) for text, label in good_rows()]
    outcome = ingest(csv_of(rows, header=("body", "text", "label")), columns={"text": "body", "label": "label"})
    assert outcome.told.columns == {"text": "body", "label": "label"}
    assert not any("guessed" in event.message for event in outcome.events)


def test_the_role_s_own_name_wins_over_other_usual_names() -> None:
    rows = [(f"title {text}", text, label) for text, label in good_rows()]
    assert ingest(csv_of(rows, header=("message", "text", "label"))).told.columns["text"] == "text"


def test_content_decides_where_names_say_nothing() -> None:
    rows = [(str(at), label, text, "web") for at, (text, label) in enumerate(good_rows())]
    assert ingest(csv_of(rows, header=("k1", "k2", "k3", "k4"))).told.columns == {"text": "k3", "label": "k2"}


def test_content_of_json_that_is_no_string_is_no_candidate() -> None:
    rows = [{"n": at % 2, "q": text, "z": label} for at, (text, label) in enumerate(good_rows())]
    assert ingest(jsonl_of(rows), "data.jsonl").told.columns == {"text": "q", "label": "z"}


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        (("message", "review", "label"), [(text, text, label) for text, label in good_rows()]),
        (("text", "k1", "k2"), [(text, label, label) for text, label in good_rows()]),
        (("text", "number"), [(text, str(at)) for at, (text, _) in enumerate(good_rows())]),
        (("k1",), [(text,) for text, _ in good_rows()]),
    ],
)
def test_an_ambiguous_table_is_asked_about(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    fault = ingest(csv_of(rows, header=header)).faults["columns_ambiguous"]
    assert 'Send "columns": {"text": "<column>", "label": "<column>"}.' in fault.message
    assert f"'{header[0]}'" in fault.message
