"""SQuAD: one JSON document, its questions deep within it, each with the passage that answers it (Rajpurkar 2016, 2018).

A question that the set calls impossible has an empty answer. Of several answers the first is taken. Rows are questions.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from contracts.problems import Fault
from training.ingest.encoding import TextFile
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.json import BadDocument, Document
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.readers.values import allowed

COLUMNS = ("question", "context", "answer")


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `spool` and of the reader of JSON; `bad_squad` with the number of the article."""
    complaints = Complaints("article")
    faults = []
    with file.open(newline="") as stream:
        rows = _questions(Document(stream).rows(complaints), complaints)
        try:
            while not spool.full and (batch := list(islice(rows, spool.batch_rows(3)))):
                spool.add(list(zip(*batch, strict=True)), position=stream.buffer.tell())
        except BadDocument as error:
            faults.append(Fault(code="bad_json", message=str(error), param="file"))
    return Table(
        columns=COLUMNS,
        rows=spool.rows,
        frame=spool.scan(),
        faults=(*faults, *complaints.faults(), *spool.faults(COLUMNS)),
    )


def _questions(articles: Iterator[dict[str, Any]], complaints: Complaints) -> Iterator[tuple[str, str, str]]:
    for number, article in enumerate(articles, start=1):
        try:
            found = [
                (str(asked["question"]), str(paragraph["context"]), _answer(asked))
                for paragraph in article["paragraphs"]
                for asked in paragraph["qas"]
            ]
        except (KeyError, TypeError, IndexError):
            complaints.add("bad_squad", number, 'not written as SQuAD: paragraphs of a "context" and "qas".')
            continue
        for row in found:
            yield row if allowed(row, number, complaints) else ("", "", "")


def _answer(asked: dict[str, Any]) -> str:
    if asked.get("is_impossible"):
        return ""
    return str(asked["answers"][0]["text"])
