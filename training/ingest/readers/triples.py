"""Answers of learners in three lines each: how many, what was asked, how it was answered (Piech and others 2015).

    4
    17,17,23,4
    1,0,1,1

Rows are learners, numbered from 1. A comma at a line's end ends it.
"""

from collections.abc import Iterator
from itertools import islice

from training.ingest.encoding import TextFile
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.readers.values import array_cells

COLUMNS = ("items", "outcomes")


def is_triples(head: str) -> bool:
    """Whether the first three lines are a number and two lists of that length."""
    lines = [line.strip().rstrip(",") for line in head.splitlines()[:3]]
    if len(lines) < 3 or not lines[0].isdecimal() or int(lines[0]) < 2:
        return False
    return all(line.count(",") + 1 == int(lines[0]) for line in lines[1:])


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `spool`, `bad_triple` with the line of its count."""
    complaints = Complaints("line")
    with file.open(newline=None) as stream:
        rows = _rows(enumerate(stream, start=1), complaints)
        while not spool.full and (batch := list(islice(rows, spool.batch_rows(2)))):
            spool.add([array_cells(column) for column in zip(*batch, strict=True)], position=stream.buffer.tell())
    return Table(
        columns=COLUMNS,
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*complaints.faults(), *spool.faults(COLUMNS)),
    )


def _rows(lines: Iterator[tuple[int, str]], complaints: Complaints) -> Iterator[tuple[list[str], list[str]]]:
    filled = ((number, line.strip()) for number, line in lines if line.strip())
    while three := list(islice(filled, 3)):
        (number, count), *lists = three
        items, outcomes, *_ = [[each.strip() for each in line.rstrip(",").split(",")] for _, line in lists] + [[], []]
        if not (count.isdecimal() and len(items) == len(outcomes) == int(count)):
            words = f"says {count[:20]}; {len(items)} items and {len(outcomes)} outcomes follow. Write as many of each."
            complaints.add("bad_triple", number, words)
            continue
        yield items, outcomes
