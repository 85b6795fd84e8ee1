"""One reader a format: a decoded file in, a `Table` out. A new format is a new file here and a line in `READERS`."""

from collections.abc import Callable

from training.ingest.encoding import TextFile
from training.ingest.readers import csv, jsonl, tsv
from training.ingest.readers.table import Spool, Table

Reader = Callable[[TextFile, Spool], Table]

READERS: dict[str, Reader] = {"csv": csv.read, "tsv": tsv.read, "jsonl": jsonl.read}
