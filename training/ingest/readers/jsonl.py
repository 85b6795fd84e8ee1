"""JSON lines (RFC 8259 objects, one a line): keys are columns, as they first appear. Blank lines are no rows."""

from itertools import islice

from training.ingest.encoding import TextFile
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import Asked, Spool, Table, header_faults
from training.ingest.readers.values import cells, object_on

EXAMPLE = 'with text and label. Write one object a line, such as {"text": "...", "label": "..."}.'


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `header_faults` and of `spool`, `bad_json_line`, `nul_not_allowed`, `invalid_unicode`."""
    columns: dict[str, None] = {}
    complaints = Complaints("line")
    with file.open(newline="\n") as stream:  # a JSON string may hold other line ends than this one
        lines = enumerate(stream, start=1)
        while not spool.full and (batch := list(islice(lines, spool.batch_rows(len(columns))))):
            found = [object_on(line, number, complaints, EXAMPLE) for number, line in batch]
            objects = [each for each in found if each is not None]
            for each in objects:
                columns.update(dict.fromkeys(each))
            if len(columns) > spool.limits.columns:
                break
            if objects:
                spool.add([cells(objects, name) for name in columns], position=stream.buffer.tell())
    names = list(columns)
    faults = [*complaints.faults(), *header_faults(names, spool.limits), *spool.faults(names)]
    return Table(columns=tuple(names), rows=spool.rows, frame=spool.scan(), faults=tuple(faults))
