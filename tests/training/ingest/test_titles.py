"""Titles above a CSV's header: recognised where the header is beyond doubt, told, never taken for data."""

import pytest

from tests.training.ingest.child import csv_of, good_rows, ingest

GOOD = csv_of(good_rows())


@pytest.mark.parametrize(
    "above", ["Messages of March\r\n", "Messages\r\n\r\n", "Messages,\r\n,\r\nby me,\r\n", "\r\n,\r\n"]
)
def test_titles_are_left_out_and_told(above: str) -> None:
    outcome = ingest(above + GOOD)
    assert outcome.frame.select("text", "label").rows() == good_rows()
    assert ("title_rows" in outcome.findings) == (above.strip() != "")
    assert outcome.frame["row"].to_list() == list(range(1, 21))


def test_a_title_does_not_hide_the_delimiter() -> None:
    outcome = ingest("Messages of March\n" + csv_of(good_rows(), delimiter=";"))
    assert outcome.frame.select("text", "label").rows() == good_rows()


def test_a_header_is_known_by_the_names_that_the_customer_mapped() -> None:
    content = "Report\n" + csv_of(good_rows(), header=("Nachricht", "Kategorie"))
    assert "ragged_rows" in ingest(content).faults
    mapped = ingest(content, columns={"text": "Nachricht", "label": "Kategorie"})
    assert mapped.told.rows["total"] == 20
    assert "'Report'" in mapped.findings["title_rows"].message


def test_lines_are_counted_from_the_top_of_the_file() -> None:
    assert ingest("Report\n" + GOOD + "only one\n").faults["ragged_rows"].message.startswith("Line 23:")


@pytest.mark.parametrize(
    "content", ["text\nhello, you\nhi, there\n", "Report\na,b\nc,d\n", "note\ntext,label\na,b\nc\n"]
)
def test_where_it_is_in_doubt_nothing_is_left_out(content: str) -> None:
    assert "ragged_rows" in ingest(content).faults


def test_a_single_named_column_is_no_title() -> None:
    assert "columns_ambiguous" in ingest("text,\n" + "".join(f"words {at},x\n" for at in range(20))).faults


@pytest.mark.parametrize("ending", ["\r", "\n", "\r\n"])
def test_every_line_end_is_read(ending: str) -> None:
    assert ingest(GOOD.replace("\r\n", ending)).frame.select("text", "label").rows() == good_rows()


def test_mixed_line_ends_are_read() -> None:
    lines = GOOD.split("\r\n")
    content = "".join(line + ("\r", "\n", "\r\n")[at % 3] for at, line in enumerate(lines) if line)
    assert ingest(content).frame.select("text", "label").rows() == good_rows()
