"""CSV with whatever delimiter its header and first rows agree on: comma, semicolon, tab or bar."""

import csv
import io

from training.ingest.encoding import TextFile
from training.ingest.readers import delimited
from training.ingest.readers.table import Spool, Table

DELIMITERS = ",;\t|"  # in order of preference where two fit equally well
HEAD = 1 << 16  # characters looked at


def read(file: TextFile, spool: Spool) -> Table:
    return delimited.read(file, spool, delimiter=sniff(file.head(HEAD)))


def sniff(head: str) -> str:
    """The delimiter under which most rows of `head` have the header's number of cells; comma where none parts it."""
    return max(DELIMITERS, key=lambda delimiter: _fit(head, delimiter))


def _fit(head: str, delimiter: str) -> tuple[float, int]:
    rows = [row for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row]
    if len(head) == HEAD and len(rows) > 1:
        rows.pop()  # cut off in its middle
    width = len(rows[0]) if rows else 0
    if width < 2:
        return 0.0, 0
    return sum(len(row) == width for row in rows) / len(rows), width
