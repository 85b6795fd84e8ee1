"""Readers: whatever a standard writer wrote comes back equal, cell by cell and row by row."""

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts.ingestion import Limits
from training.ingest.encoding import TextFile
from training.ingest.readers import TEXT_READERS
from training.ingest.readers.csv import sniff
from training.ingest.readers.quotes import broken_quote
from training.ingest.readers.table import NOT_TEXT, Asked, Spool, Table

CELLS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
HEADER = ("text", "label", "more")
TABLES = st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=1, max_size=30)
NASTY = ('"', '""', "\r", "\n", "\r\n", ",", ";", "\t", "|", " ", "\ufeff", "\u2028", "\x85", "\x1c", "'", "\\")


def read(
    content: str, form: str, *, encoding: str = "utf-8", batch: int = 7
) -> tuple[Table, list[tuple[str | None, ...]]]:
    """The table and its rows."""
    with TemporaryDirectory(prefix="[a]*") as folder:  # a pattern to whoever takes paths for patterns
        path = Path(folder, "upload")
        path.write_bytes(content.encode(encoding))
        spool = SmallSpool(Path(folder), Limits(), lambda position: None)
        table = TEXT_READERS[form](TextFile(path=path, encoding=encoding), spool, Asked())
        return table, table.frame.collect().rows()


class SmallSpool(Spool):
    """Few rows a batch, so that small tables cross batches too."""

    def batch_rows(self, columns: int) -> int:
        return 7


def written(rows: list[tuple[str, ...]], delimiter: str, ending: str, quoting: int) -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter, lineterminator=ending, quoting=quoting).writerows([HEADER, *rows])  # type: ignore[arg-type]
    return stream.getvalue()


@given(
    rows=TABLES,
    delimiter=st.sampled_from(",;\t|"),
    style=st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\n", csv.QUOTE_ALL), ("\r", csv.QUOTE_ALL)]),
    mark=st.sampled_from(["", "\ufeff"]),
)
@example(rows=[NASTY[at : at + 3] for at in range(len(NASTY) - 2)], delimiter=",", style=("\r\n", 0), mark="")
@settings(deadline=None, max_examples=150)
def test_csv_comes_back_equal(rows: list[tuple[str, ...]], delimiter: str, style: tuple[str, int], mark: str) -> None:
    table, found = read(mark + written(rows, delimiter, *style), "csv")
    assert table.faults == ()
    assert table.columns == HEADER
    assert found == rows
    assert table.rows == len(rows)


@given(rows=TABLES)
@settings(deadline=None, max_examples=50)
def test_tsv_comes_back_equal(rows: list[tuple[str, ...]]) -> None:
    assert read(written(rows, "\t", "\r\n", csv.QUOTE_MINIMAL), "tsv")[1] == rows


@given(rows=TABLES)
@settings(deadline=None, max_examples=30)
def test_csv_in_utf_16_comes_back_equal(rows: list[tuple[str, ...]]) -> None:
    assert read(written(rows, ",", "\r\n", csv.QUOTE_MINIMAL), "csv", encoding="utf-16")[1] == rows


VALUES = st.one_of(CELLS, st.none(), st.booleans(), st.integers(), st.lists(CELLS, max_size=2))
OBJECTS = st.lists(
    st.dictionaries(st.text("abc^.*$", max_size=2), VALUES, min_size=1, max_size=4), min_size=1, max_size=30
)


@given(objects=OBJECTS, escaped=st.booleans(), ending=st.sampled_from(["\n", "\r\n", "\n\n"]))
@settings(deadline=None, max_examples=150)
def test_json_lines_come_back_equal(objects: list[dict[str, object]], escaped: bool, ending: str) -> None:
    content = ending.join(json.dumps(each, ensure_ascii=escaped) for each in objects)
    table, found = read(content, "jsonl")
    assert table.faults == ()
    assert list(table.columns) == list(dict.fromkeys(key for each in objects for key in each))
    assert found == [tuple(stored(each, name) for name in table.columns) for each in objects]


def stored(each: dict[str, object], name: str) -> str | None:
    """What the reader promises for a value: strings as they are, null as empty, the rest by its type and JSON."""
    if name not in each:
        return None
    value = each[name]
    if value is None or isinstance(value, str):
        return value or ""
    kind = {bool: "boolean", int: "number", list: "array"}[type(value)]
    return f"{NOT_TEXT}{kind}{NOT_TEXT}{json.dumps(value, ensure_ascii=False)}"


@given(text=st.text('a,"\n', max_size=12))
@settings(max_examples=500)
def test_the_diagnosis_finds_a_broken_quote_exactly_where_the_parser_refuses(text: str) -> None:
    stream = io.StringIO(text, newline="")
    parser = csv.reader(stream, strict=True)
    refused = None
    while refused is None:
        line = parser.line_num + 1
        try:
            if next(parser, None) is None:
                break
        except csv.Error:
            refused = line
    fault = broken_quote(io.StringIO(text, newline=""), refused or 1, ",")
    assert (fault is not None) == (refused is not None)


@pytest.mark.parametrize(
    ("head", "delimiter"),
    [
        ("text,label\na;b,c\n", ","),
        ("text;label\nhello, you;a\nwell, well, well;b\n", ";"),
        ('"a;b";"c"\n"x";"y"\n', ";"),
        ("text\tlabel\na, b\tc\n", "\t"),
        ("text|label\na|b\n", "|"),
        ("text\nalone\n", ","),
        ("", ","),
    ],
)
def test_the_delimiter_is_what_header_and_rows_agree_on(head: str, delimiter: str) -> None:
    assert sniff(head) == delimiter


def test_blank_lines_are_no_rows() -> None:
    assert read("text,label\n\na,b\n\n\nc,d\n\n", "csv")[1] == [("a", "b"), ("c", "d")]


def test_a_quote_inside_an_unquoted_cell_is_itself() -> None:
    assert read('text,label\na 5" screen,b\n', "csv")[1] == [('a 5" screen', "b")]


def test_names_are_trimmed_and_unnamed_columns_numbered() -> None:
    assert read(" text ,,label\na,b,c\n", "csv")[0].columns == ("text", "column_2", "label")
