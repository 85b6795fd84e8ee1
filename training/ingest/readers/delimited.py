"""Rows parted by line ends, cells by a delimiter, quoted as RFC 4180 says; strict, so that damage is told, not read.

Python's own parser decides, in its strict mode: it alone of those at hand refuses an unterminated quote instead of
swallowing the rest of the file. `blocks` spares it what needs no decision. Blank lines are no rows. Every other row
must have as many cells as the header.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, islice

import polars as pl

from contracts.ingestion import Finding
from contracts.problems import Fault
from training.ingest.encoding import TextFile
from training.ingest.places import Tally, capital, numbered
from training.ingest.readers import titles
from training.ingest.readers.blocks import LONGEST_CELL, Records
from training.ingest.readers.quotes import broken_quote
from training.ingest.readers.table import Asked, Spool, Table, frame_of, header_faults, named

SAMPLE = 20  # rows that must be even for a title above them to be recognised


def read(file: TextFile, spool: Spool, asked: Asked, *, delimiter: str) -> Table:
    """The header names the columns (trimmed; an unnamed one, or each where there is no header, is `column_<n>`).

    Faults: those of `header_faults` and of `spool`, `ragged_rows`, `unterminated_quote`, `bad_quote`.
    """
    ragged = Tally()
    written = asked.written
    with file.open(newline="") as stream:
        records = Records(stream, delimiter, quotes=written.quotes)
        first = list(islice(records, titles.MOST + SAMPLE))
        if written.header is False:
            skipped, columns, body = 0, named([""] * len(first[0][1]) if first else []), first
        else:
            skipped = titles_above([row for _, row in first], asked.columns)
            columns, body = named(first[skipped][1] if first else []), first[skipped + 1 :]
        faults = header_faults(columns, spool.limits)
        rest = records.blocks(len(columns))
        for block in chain([iter(body)], rest):
            for frame in _frames(block, len(columns), spool, ragged):
                if not faults:  # under a faulty header rows are checked, not kept
                    spool.add_frame(frame, position=stream.buffer.tell())
            if spool.full:
                break
    faults += [_diagnosed(file, line, delimiter) for line in records.broken.first]
    told = list(titles.finding(["".join(row).strip() for _, row in first[:skipped]], "row"))
    if ragged.count and written.fit:
        told.append(_fitted(ragged, len(columns)))
    elif ragged.count:
        faults.append(_ragged(ragged, len(columns)))
    return Table(
        columns=tuple(columns),
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *spool.faults(columns)),
        findings=tuple(told),
        details={"delimiter": delimiter},
    )


def _frames(
    block: pl.DataFrame | Iterator[tuple[int, list[str]]], width: int, spool: Spool, ragged: Tally
) -> Iterator[pl.DataFrame]:
    if isinstance(block, pl.DataFrame):
        yield block
        return
    rows = _even(block, width, ragged)
    while batch := list(islice(rows, spool.batch_rows(width))):
        yield frame_of(list(zip(*batch, strict=True)))


def titles_above(rows: Sequence[Sequence[str]], asked: Collection[str]) -> int:
    """Titles among the first rows; none, where most rows below are not as wide as the header that they would have."""
    found = titles.above(rows, asked)
    below = rows[found + 1 :]
    return found if 2 * sum(len(row) == len(rows[found]) for row in below) > len(below) else 0


def _even(records: Iterable[tuple[int, list[str]]], width: int, ragged: Tally) -> Iterator[list[str]]:
    """Rows of `width` cells. A ragged one is told and then fitted, so that the rows after it keep their numbers."""
    for line, row in records:
        if len(row) == width:
            yield row
        else:
            ragged.add(line)
            yield [*row, *[""] * width][:width]


def _ragged(ragged: Tally, width: int) -> Fault:
    places = capital(numbered("line", ragged.first, ragged.count))
    message = (
        f"{places}: not {width} cells, as the header has. Quote cells that hold the delimiter, complete the "
        'row, or send "fit": true to have all rows cut or filled up.'
    )
    return Fault(code="ragged_rows", message=message, param="file")


def _fitted(ragged: Tally, width: int) -> Finding:
    message = (
        f"{capital(numbered('line', ragged.first, ragged.count))}: not {width} cells. What stands behind the last "
        "column is left out, and what lacks is empty."
    )
    return Finding(code="ragged_rows", severity="warning", message=message, count=ragged.count)


def _diagnosed(file: TextFile, line: int, delimiter: str) -> Fault:
    """Why the parser gave up on the record that begins at `line`."""
    with file.open(newline="") as stream:
        fault = broken_quote(stream, line, delimiter)
    if fault is not None:
        return fault
    message = f"Line {line}: a cell is longer than {LONGEST_CELL:,} characters. Shorten or split the text."
    return Fault(code="cell_too_long", message=message, param="file")
