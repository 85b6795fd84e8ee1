"""TSV: the delimited reader with a tab. Quotes mean what they mean in CSV, as spreadsheets export them."""

from training.ingest.encoding import TextFile
from training.ingest.readers import delimited
from training.ingest.readers.table import Asked, Spool, Table


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    return delimited.read(file, spool, asked, delimiter=asked.written.delimiter or "\t")
