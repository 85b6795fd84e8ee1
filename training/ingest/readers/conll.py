"""CoNLL: a token a line, its columns between blanks or tabs, a blank line after each sentence.

The first column is the token, the last its tag (Tjong Kim Sang and De Meulder 2003). Lines that begin documents
(`-DOCSTART-`) and comments (`# `) are no tokens. Rows are sentences, numbered from 1.

Chinese sets often write a character's place in its word behind it ("科0"): where every token of a file ends with a
digit and is more than that, the digit is left out, and that is told.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice

import polars as pl

from contracts.ingestion import Finding
from training.ingest.encoding import TextFile
from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import Asked, Spool, Table
from training.ingest.readers.values import array_cells

COLUMNS = ("tokens", "tags")
DOCUMENT, COMMENT = "-DOCSTART-", "# "
TAG = re.compile(r"O|[BIES]-\S+")
PLACED = re.compile(r".+\d")  # a character and its place in the word
HEAD_LINES = 200  # that decide whether a text is CoNLL
CLEARLY = 0.95  # of them, with a tag at their end

Sentence = tuple[list[str], list[str]]


def is_conll(head: str) -> bool:
    """Whether nearly every line ends with a tag after white space, some are blank, and some tag is no O."""
    lines = head.splitlines()[:HEAD_LINES]
    rows = [line.split() for line in lines if line.strip() and not line.startswith(COMMENT)]
    tags = [row[-1] for row in rows if len(row) > 1 and TAG.fullmatch(row[-1])]
    parted = any(not line.strip() for line in lines)
    return parted and len(tags) > CLEARLY * len(rows) and any(tag != "O" for tag in tags)


def read(file: TextFile, spool: Spool, asked: Asked) -> Table:
    """Faults: those of `spool`, `bad_conll_line` (fewer than two columns)."""
    complaints = Complaints("line")
    placed = True
    with file.open(newline=None) as stream:
        sentences = _sentences(enumerate(stream, start=1), complaints)
        while not spool.full and (batch := list(islice(sentences, spool.batch_rows(2)))):
            placed = placed and all(PLACED.fullmatch(token) for tokens, _ in batch for token in tokens)
            spool.add([array_cells(column) for column in zip(*batch, strict=True)], position=stream.buffer.tell())
    placed = placed and spool.rows > 0
    return Table(
        columns=COLUMNS,
        rows=spool.rows,
        frame=_unplaced(spool.scan()) if placed else spool.scan(),
        faults=(*complaints.faults(), *spool.faults(COLUMNS)),
        findings=_told(spool.rows) if placed else (),
    )


def _sentences(lines: Iterable[tuple[int, str]], complaints: Complaints) -> Iterator[Sentence]:
    tokens: list[str] = []
    tags: list[str] = []
    for number, line in lines:
        parts = line.rstrip("\n").split("\t") if "\t" in line else line.split()
        if not line.strip() or parts[0] == DOCUMENT:
            if tokens:
                yield tokens, tags
            tokens, tags = [], []
        elif not line.startswith(COMMENT):
            if len(parts) < 2:
                complaints.add("bad_conll_line", number, "no tag after the token. Write both, with a tab between them.")
            tokens.append(parts[0].strip())
            tags.append(parts[-1].strip())
    if tokens:
        yield tokens, tags


def _unplaced(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Tokens without the digit at their end."""
    return frame.with_columns(pl.col("0").str.replace_all(r"\d\"(, |\])", '"$1'))


def _told(rows: int) -> tuple[Finding, ...]:
    message = "Every token ends with a digit, its place in the word; these digits are left out."
    return (Finding(code="token_places", severity="info", message=message, count=rows),)
