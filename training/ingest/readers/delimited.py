"""Rows parted by line ends, cells by a delimiter, quoted as RFC 4180 says; strict, so that damage is told, not read.

Python's own parser is used in its strict mode: it alone of those at hand refuses an unterminated quote instead of
swallowing the rest of the file. Blank lines are no rows. Every other row must have as many cells as the header.
"""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TextIO

from contracts.problems import Fault
from training.ingest.encoding import TextFile
from training.ingest.places import Tally, capital, numbered
from training.ingest.readers.quotes import broken_quote
from training.ingest.readers.table import Spool, Table, header_faults

LONGEST_CELL = 1 << 24  # characters: where the parser itself stops; the plan's limit is checked far below it


def read(file: TextFile, spool: Spool, *, delimiter: str) -> Table:
    """The header names the columns (trimmed; an unnamed one is `column_<n>`).

    Faults: those of `header_faults` and of `spool`, `ragged_rows`, `unterminated_quote`, `bad_quote`.
    """
    csv.field_size_limit(LONGEST_CELL)  # for the whole process: the parser knows no narrower scope
    broken, ragged = Tally(), Tally()
    with file.open(newline="") as stream:
        records = _records(stream, delimiter, broken)
        columns = _named(next(records, (0, []))[1])
        faults = header_faults(columns, spool.limits)
        rows = _even(records, len(columns), ragged)
        while not spool.full and (batch := list(islice(rows, spool.batch_rows(len(columns))))):
            if not faults:  # under a faulty header rows are checked, not kept
                spool.add(list(zip(*batch, strict=True)), position=stream.buffer.tell())
    faults += [_diagnosed(file, line, delimiter) for line in broken.first]
    if ragged.count:
        faults.append(_ragged(ragged, len(columns)))
    return Table(
        columns=tuple(columns),
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *spool.faults(columns)),
        details={"delimiter": delimiter},
    )


def _records(stream: TextIO, delimiter: str, broken: Tally) -> Iterator[tuple[int, list[str]]]:
    """Every record that is not blank, with the line it begins on; ends at one the parser refuses, told to `broken`."""
    parser = csv.reader(stream, delimiter=delimiter, strict=True)
    line = 1
    try:
        for row in parser:
            if row:
                yield line, row
            line = parser.line_num + 1
    except csv.Error:
        broken.add(line)


def _even(records: Iterable[tuple[int, list[str]]], width: int, ragged: Tally) -> Iterator[list[str]]:
    """Rows of `width` cells. A ragged one is told and then fitted, so that the rows after it keep their numbers."""
    for line, row in records:
        if len(row) == width:
            yield row
        else:
            ragged.add(line)
            yield [*row, *[""] * width][:width]


def _named(header: list[str]) -> list[str]:
    return [name.strip() or f"column_{at}" for at, name in enumerate(header, start=1)]


def _ragged(ragged: Tally, width: int) -> Fault:
    places = capital(numbered("line", ragged.first, ragged.count))
    message = (
        f"{places}: not {width} cells, as the header has. Quote cells that hold the delimiter, or complete the row."
    )
    return Fault(code="ragged_rows", message=message, param="file")


def _diagnosed(file: TextFile, line: int, delimiter: str) -> Fault:
    """Why the parser gave up on the record that begins at `line`."""
    with file.open(newline="") as stream:
        fault = broken_quote(stream, line, delimiter)
    if fault is not None:
        return fault
    message = f"Line {line}: a cell is longer than {LONGEST_CELL:,} characters. Shorten or split the text."
    return Fault(code="cell_too_long", message=message, param="file")
