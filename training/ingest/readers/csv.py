"""CSV with whatever delimiter its header and first rows agree on: comma, semicolon, tab or bar."""

import csv
import io
from collections.abc import Collection

from training.ingest.encoding import TextFile
from training.ingest.readers import delimited
from training.ingest.readers.table import Asked, Spool, Table

DELIMITERS = ",;\t|"  # in order of preference where two fit equally well
HEAD = 1 << 16  # characters looked at
NONE = (0.0, 0)  # the fit of a delimiter that parts nothing


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    delimiter = asked.written.delimiter or sniff(file.head(HEAD), asked.columns)
    return delimited.read(file, spool, asked, delimiter=delimiter)


def sniff(head: str, asked: Collection[str] = ()) -> str:
    """The delimiter under which most rows of `head` have the header's number of cells; comma where none parts it.

    Where none parts the first row, that row may be a title.
    """
    best = max(DELIMITERS, key=lambda delimiter: _fit(_rows(head, delimiter)))
    if _fit(_rows(head, best)) == NONE:
        best = max(DELIMITERS, key=lambda delimiter: _fit(_below_titles(_rows(head, delimiter), asked)))
    return best


def _rows(head: str, delimiter: str) -> list[list[str]]:
    rows = [row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row]
    if len(head) == HEAD and len(rows) > 1:
        rows.pop()  # cut off in its middle
    return rows


def _below_titles(rows: list[list[str]], asked: Collection[str]) -> list[list[str]]:
    return rows[delimited.titles_above(rows, asked) :]


def _fit(rows: list[list[str]]) -> tuple[float, int]:
    width = len(rows[0]) if rows else 0
    if width < 2:
        return NONE
    return sum(len(row) == width for row in rows) / len(rows), width
