"""Excel workbooks: values come back as they were written; damage and monsters are refused with a sentence."""

import io
import zipfile
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE
from tests.training.ingest.child import good_rows, ingest
from tests.training.ingest.workbook import Cell, Formula, packed, sheet_xml, workbook

GOOD = [("text", "label"), *good_rows()]
TEXTS = st.text(st.characters(exclude_characters="\0\r", exclude_categories=["Cs"]), max_size=20)


def rows_of(outcome_rows: list[tuple[str, str]], **asked: str) -> list[tuple[str, str]]:
    outcome = ingest(workbook({"Sheet1": [("text", "label"), *outcome_rows]}), "data.xlsx", **asked)  # type: ignore[arg-type]
    assert outcome.code == DONE, outcome.messages
    return outcome.frame.select("text", "label").rows()


def test_a_workbook_is_read_and_told() -> None:
    outcome = ingest(workbook({"Messages": GOOD}), "data.xlsx")
    assert outcome.frame.select("text", "label").rows() == good_rows()
    assert outcome.told.format == "xlsx"
    assert outcome.events[0].data["sheet"] == "Messages"
    assert outcome.findings == {}


@pytest.mark.parametrize("filename", ["data", "data.xls", "data.bin"])
def test_a_workbook_is_known_by_its_bytes(filename: str) -> None:
    assert ingest(workbook({"Sheet1": GOOD}), filename).told.format == "xlsx"


def test_a_workbook_called_csv_is_refused_unless_stated() -> None:
    assert "ZIP" in ingest(workbook({"Sheet1": GOOD}), "data.csv").faults["type_mismatch"].message
    assert ingest(workbook({"Sheet1": GOOD}), "data.csv", format="xlsx").code == DONE
    assert "Excel workbook" in ingest(workbook({"Sheet1": GOOD}), "data.xlsx", format="csv").faults[
        "type_mismatch"
    ].message  # fmt: skip


@given(texts=st.lists(TEXTS.filter(str.strip), min_size=20, max_size=40))
@settings(deadline=None, max_examples=40)
def test_texts_come_back_equal(texts: list[str]) -> None:
    rows = [(f"{at} {text}", "ab"[at % 2]) for at, text in enumerate(texts)]
    assert rows_of(rows) == rows


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3, "3"),
        (-2.0, "-2"),
        (0.1, "0.1"),
        (2.5, "2.5"),
        (1e20, "1e+20"),
        (123_456_789_012, "123456789012"),
        ("007", "007"),
        (True, "TRUE"),
        (date(2024, 3, 1), "2024-03-01"),
        (datetime(2024, 3, 1, 6, 30), "2024-03-01 06:30:00"),  # noqa: DTZ001 - Excel knows no time zones
        (Formula("computed"), "computed"),
    ],
)
def test_a_cell_is_read_as_its_value(cell: Cell, text: str) -> None:
    rows = [("text", "label"), *((line, cell if at % 2 else "other") for at, (line, _) in enumerate(good_rows()))]
    outcome = ingest(workbook({"Sheet1": rows}), "data.xlsx")
    assert set(outcome.told.labels) == {text, "other"}


def test_blank_rows_are_no_rows_and_missing_cells_are_empty() -> None:
    rows = [("text", "label"), (None, None), *good_rows(), (None,), ("no label", None)]
    outcome = ingest(workbook({"Sheet1": rows}), "data.xlsx")
    assert outcome.told.rows["total"] == 20
    assert outcome.findings["empty_label"].rows == (21,)


def test_a_table_may_begin_anywhere() -> None:
    rows = [(), (), *((None, None, *row) for row in GOOD)]
    assert ingest(workbook({"Sheet1": rows}), "data.xlsx").told.rows["total"] == 20


def test_titles_above_the_header_are_told_and_left_out() -> None:
    rows = [("Messages of March",), (None,), ("exported by me",), *GOOD]
    outcome = ingest(workbook({"Sheet1": rows}), "data.xlsx")
    assert outcome.frame.select("text", "label").rows() == good_rows()
    assert "'Messages of March', 'exported by me'" in outcome.findings["title_rows"].message


def test_the_first_sheet_that_is_not_hidden_is_read_and_the_others_are_told() -> None:
    book = workbook({"Notes": [("x",)], "Data": GOOD, "Old": [("y",)]}, hidden=["Notes"])
    outcome = ingest(book, "data.xlsx")
    assert outcome.told.rows["total"] == 20
    assert "'Data' is read" in outcome.findings["other_sheets"].message
    assert "'Old'" in outcome.findings["other_sheets"].message


def test_a_sheet_can_be_asked_for_by_name() -> None:
    book = workbook({"Notes": [("x",)], "Data": GOOD})
    assert ingest(book, "data.xlsx", sheet="Data").told.rows["total"] == 20
    fault = ingest(book, "data.xlsx", sheet="Date").faults["missing_sheet"]
    assert fault.message.endswith("it has 'Notes', 'Data'. Did you mean 'Data'?")
    assert fault.param == "sheet"


def test_a_sheet_of_a_file_without_sheets_is_refused() -> None:
    assert "csv" in ingest("text,label\n", sheet="Data").faults["option_not_known"].message


def test_dates_that_excel_made_of_texts_are_remarked_on() -> None:
    rows: list[tuple[Cell, ...]] = [
        *GOOD,
        ("turned into a date", date(2024, 3, 1)),
        ("and another one", date(2024, 3, 1)),
    ]
    finding = ingest(workbook({"Sheet1": rows}), "data.xlsx").findings["dates_in_text"]
    assert "'label'" in finding.message
    assert finding.rows == (21, 22)


def test_a_column_of_dates_is_nothing_to_remark_on() -> None:
    rows: list[tuple[Cell, ...]] = [("text", "label", "day"), *((*row, date(2024, 3, 1)) for row in good_rows())]
    assert ingest(workbook({"Sheet1": rows}), "data.xlsx").findings == {}


@pytest.mark.parametrize("rows", [[], [("text", "label")]])
def test_an_empty_sheet_is_an_empty_dataset(rows: list[tuple[str, ...]]) -> None:
    assert set(ingest(workbook({"Sheet1": rows}), "data.xlsx").faults) == {"empty_dataset"}


def test_a_header_named_twice_is_refused() -> None:
    book = workbook({"Sheet1": [("text", "text"), ("a", "b")]})
    assert set(ingest(book, "data.xlsx").faults) == {"duplicate_column"}


def test_nul_behind_an_escape_is_refused_with_its_row() -> None:
    book = workbook({"Sheet1": [*GOOD, ("a\0b", "card")]})
    assert ingest(book, "data.xlsx").faults["nul_not_allowed"].message.startswith("Row 21:")


def test_two_cells_at_far_corners_are_refused_before_they_take_the_memory() -> None:
    far = sheet_xml(['<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'])
    assert "20,000,000 cells" in ingest(packed({"xl/worksheets/sheet1.xml": far}), "data.xlsx").faults[
        "workbook_too_large"
    ].message  # fmt: skip


def test_a_workbook_that_is_a_bomb_is_refused() -> None:
    bomb = packed({"xl/worksheets/sheet1.xml": sheet_xml([" " * (20 << 20)])})
    assert len(bomb) < 50_000
    assert set(ingest(bomb, "data.xlsx").faults) == {"compression_ratio"}


@pytest.mark.parametrize(
    "sheet",
    [
        '<worksheet><sheetData><row r="1"><c r="A1"><v>1</v>',
        sheet_xml(['<row r="1"><c r="A1" t="s"><v>7</v></c></row>']),
        "no xml at all",
    ],
)
def test_a_damaged_sheet_is_refused(sheet: str) -> None:
    outcome = ingest(packed({"xl/worksheets/sheet1.xml": sheet}), "data.xlsx")
    assert set(outcome.faults) <= {"corrupt_file", "empty_dataset"}
    assert outcome.files == ()


@pytest.mark.parametrize("kept", [10, 500, -1])
def test_a_workbook_cut_off_is_refused(kept: int) -> None:
    assert set(ingest(workbook({"Sheet1": GOOD})[:kept], "data.xlsx").faults) == {"corrupt_file"}


def test_a_damaged_byte_is_found_by_its_checksum() -> None:
    book = bytearray(workbook({"Sheet1": GOOD}))
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        at = archive.getinfo("xl/worksheets/sheet1.xml").header_offset
    book[at + 120] ^= 0xFF
    assert set(ingest(bytes(book), "data.xlsx").faults) == {"corrupt_file"}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("word/document.xml", "Office document"), ("xl/workbook.bin", "binary Excel workbook"), ("mimetype", "OpenDoc")],
)
def test_another_office_document_is_named(name: str, kind: str) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        if "/" in name:
            archive.writestr("[Content_Types].xml", "")
        archive.writestr(name, "")
    assert kind in ingest(stream.getvalue(), "data").faults["type_mismatch"].message
