"""Which reader a file needs: what the customer stated, else its name, else its first bytes or characters.

A binary format is believed for its bytes alone. Between those of text the name decides where the content allows it.
"""

import json
import re
from pathlib import PurePath

from contracts.ingestion import FORMATS
from contracts.problems import Problem, echo
from training.ingest.binary import is_binary
from training.ingest.readers.conll import is_conll
from training.ingest.readers.triples import is_triples

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
    ".xlsm": "xlsx",
    ".conll": "conll",
    ".conllu": "conll",
    ".iob": "conll",
    ".bio": "conll",
}
PARQUET = b"PAR1"
BINARY = {"parquet": "a Parquet file", "xlsx": "an Excel workbook"}
LINES = ("jsonl", "chat")
JSONS = {"jsonl": "JSON lines", "chat": "chats in JSON lines", "json": "one JSON document", "squad": "SQuAD's JSON"}
PLAIN = (".txt", ".md")
SQUAD = re.compile(r'"paragraphs"\s*:\s*\[\s*\{\s*"(?:context|qas)"')
DOCUMENT = re.compile(r'\s*(\[\s*(\{|\]|$)|\{\s*("|\}|$))')  # opens an array of objects, or an object


def binary_form(sample: bytes, *, filename: str, stated: str | None, workbook: bool) -> str | None:
    """ "parquet" or "xlsx" where the bytes are one, None for a text.

    Raises `Problem`: `unsupported_format` (another one stated), `type_mismatch` (stated or named otherwise).
    """
    if stated is not None and stated not in FORMATS:
        raise _unsupported(f"{echo(stated)} is not a format read here.")
    parquet = sample.startswith(PARQUET) and is_binary(sample)
    found = "xlsx" if workbook else "parquet" if parquet else None
    claimed = _claimed(filename, stated)
    if found is not None and claimed not in (None, found):
        raise misnamed(filename, claimed, BINARY[found])
    return found


def text_form(head: str, *, filename: str, stated: str | None, plain: bool = False) -> str:
    """One of the `FORMATS` of text. `head` is the file's first characters; with `plain` a .txt file is text as such.

    Raises `Problem` `type_mismatch`: stated or named as a binary format, named .csv or .tsv but holding JSON, or named
    .json and holding none.
    """
    claimed = _claimed(filename, stated)
    if claimed in BINARY:
        raise misnamed(filename, claimed, "a text")
    found = _found(head)
    if stated is not None:
        return stated
    if claimed == "jsonl":
        return "chat" if found == "chat" else "jsonl"
    if claimed is None:
        return "text" if found == "csv" and plain and filename.lower().endswith(PLAIN) else found
    if claimed == "json" and found not in JSONS:
        message = f"{echo(filename)} is named json but holds no JSON. Rename it to .csv."
        raise Problem("type_mismatch", message, param="format")
    if claimed != "json" and found in JSONS:
        message = (
            f"{echo(filename)} is named {claimed} but holds {JSONS[found]}. Rename it to .{_suffix(found)} or send "
            f'"format": "{found}".'
        )
        raise Problem("type_mismatch", message, param="format")
    return found if claimed in ("json", "csv") and found != "csv" and found in (*JSONS, "triples") else claimed


def _claimed(filename: str, stated: str | None) -> str | None:
    return stated or SUFFIXES.get(PurePath(filename).suffix.lower())


def misnamed(filename: str, claimed: str | None, kind: str) -> Problem:
    message = f"{echo(filename)} is named or stated to be {claimed} but is {kind}. Name it as what it is."
    return Problem("type_mismatch", message, param="file")


def _found(head: str) -> str:
    lines = head.lstrip().split("\n")
    first = _object(lines[0])
    if first is None:
        if DOCUMENT.match(head):
            return "squad" if SQUAD.search(head) else "json"
        return "conll" if is_conll(head) else "triples" if is_triples(head) else "csv"
    if _is_chat(first):
        return "chat"
    if SQUAD.search(head):
        return "squad"
    alone = not any(line.strip() for line in lines[1:])
    return "json" if alone and any(_is_records(value) for value in first.values()) else "jsonl"


def _object(line: str) -> dict[str, object] | None:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _is_chat(value: dict[str, object]) -> bool:
    messages = value.get("messages")
    return isinstance(messages, list) and any(isinstance(each, dict) and "role" in each for each in messages)


def _is_records(value: object) -> bool:
    return isinstance(value, list) and (not value or isinstance(value[0], dict))


def _suffix(form: str) -> str:
    return {"chat": "jsonl", "squad": "json"}.get(form, form)


def _unsupported(reason: str) -> Problem:
    return Problem("unsupported_format", f"{reason} Formats: {', '.join(FORMATS)}.", param="format")
