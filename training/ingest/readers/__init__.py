"""One reader a format: a file in, a `Table` out. A new format is a new file here and a line below."""

from collections.abc import Callable

from training.ingest.encoding import TextFile
from training.ingest.readers import chat, conll, csv, json, jsonl, parquet, squad, text, triples, tsv, xlsx
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.upload import Upload

TEXT_READERS: dict[str, Callable[[TextFile, Spool, Asked], Table]] = {
    "csv": csv.read,
    "tsv": tsv.read,
    "jsonl": jsonl.read,
    "json": json.read,
    "chat": chat.read,
    "text": text.read,
    "conll": conll.read,
    "triples": triples.read,
    "squad": squad.read,
}
BINARY_READERS: dict[str, Callable[[Upload, Spool, Asked], Table]] = {"parquet": parquet.read, "xlsx": xlsx.read}
