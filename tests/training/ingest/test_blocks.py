"""The quick way through delimited text finds the very rows that the strict parser finds, or leaves them to it."""

import csv
import io

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from training.ingest.readers import blocks
from training.ingest.readers.blocks import Records, quickly

Row = tuple[int | None, list[str]]
CELL = st.text('a,"\n\r é\ufeff', max_size=4)
WRITTEN = st.lists(st.tuples(CELL, CELL), max_size=12)


def strictly(text: str) -> tuple[list[list[str]], int | None]:
    """The rows, and the line of the record that the parser refuses."""
    parser = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[str]] = []
    while True:
        line = parser.line_num + 1
        try:
            rows.append(next(parser))
        except StopIteration:
            return [row for row in rows if row], None
        except csv.Error:
            return [row for row in rows if row], line


def in_blocks(text: str, width: int) -> tuple[list[list[str]], int | None, int]:
    """The same by blocks; and how many of these were read quickly."""
    records = Records(io.StringIO(text, newline=""), ",")
    rows: list[list[str]] = []
    quick = 0
    for block in records.blocks(width):
        if isinstance(block, pl.DataFrame):
            quick += 1
            rows += [list(row) for row in block.rows()]
        else:
            rows += [row for _, row in block]
    return rows, next(iter(records.broken.first), None), quick


@given(text=st.text('a,"\n\r é', max_size=30), size=st.integers(1, 12))
@example(text='a,b\n"a\n', size=4)
@example(text="a,b\r\n\r\nc,d", size=5)
@example(text="a,b\nc\n", size=4)
@settings(deadline=None, max_examples=500)
def test_any_text_is_read_as_the_strict_parser_reads_it(text: str, size: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        rows, broken, _ = in_blocks(text, 2)
    assert (rows, broken) == strictly(text)


@given(rows=WRITTEN, ending=st.sampled_from(["\n", "\r\n"]), size=st.integers(1, 40), last=st.booleans())
@settings(deadline=None, max_examples=300)
def test_what_a_writer_wrote_is_read_as_the_strict_parser_reads_it(
    rows: list[tuple[str, str]], ending: str, size: int, last: bool
) -> None:
    stream = io.StringIO()
    csv.writer(stream, lineterminator=ending).writerows(rows)
    text = stream.getvalue() if last else stream.getvalue().removesuffix(ending)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        assert in_blocks(text, 2)[:2] == strictly(text)


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_ordinary_files_are_read_quickly(ending: str) -> None:
    rows = [(f'text {at}, "quoted"\nand long', f"label {at}", "") for at in range(100)]
    stream = io.StringIO()
    csv.writer(stream, lineterminator=ending).writerows(rows)
    found, _, quick = in_blocks(stream.getvalue(), 3)
    assert quick == 1
    assert [tuple(row) for row in found] == rows


@pytest.mark.parametrize(
    "text", ['a,"b"\n', 'a,"b\n', "a\n", "a,b,c\n", "\n", "a,b\rc,d\n", '5" screen,b\n', "\ufeffa,b\n"]
)
def test_what_is_in_doubt_is_left_to_the_strict_parser(text: str) -> None:
    assert quickly("a,b\n" + text, 2, ",") is None or not text.isascii()
    assert quickly(text, 2, ",") is None


def test_a_line_after_a_quick_block_keeps_its_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 8)
    assert in_blocks('a,b\nc,d\ne,f\ng,"h\n', 2) == ([["a", "b"], ["c", "d"], ["e", "f"]], 4, 2)
