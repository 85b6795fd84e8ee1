"""Plain text: one document a line, or the whole file one. Blank lines are no documents."""

from itertools import islice

from training.ingest.encoding import TextFile
from training.ingest.readers.table import Asked, Spool, Table

COLUMNS = ("text",)


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `spool`."""
    with file.open(newline=None) as stream:
        if asked.written.document == "file":
            texts = iter([stream.read().strip()])
        else:
            texts = (line.rstrip("\n") for line in stream)
        documents = (text for text in texts if text.strip())
        while not spool.full and (batch := list(islice(documents, spool.batch_rows(1)))):
            spool.add([batch], position=stream.buffer.tell())
    return Table(columns=COLUMNS, rows=spool.rows, frame=spool.scan(), faults=tuple(spool.faults(COLUMNS)))
