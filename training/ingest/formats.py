"""Which reader a file needs: what the customer stated, else its name, else its first bytes or characters.

A binary format is believed for its bytes alone. Between those of text the name decides where the content allows it.
"""

import json
import re
from pathlib import PurePath

from contracts.ingestion import FORMATS
from contracts.problems import Problem, echo
from training.ingest.binary import is_binary

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
}
PARQUET = b"PAR1"
BINARY = {"parquet": "a Parquet file", "xlsx": "an Excel workbook"}
LINES = ("jsonl", "chat")
TEXTS = {"jsonl": "JSON lines", "chat": "chats in JSON lines", "json": "one JSON document", "csv": "no JSON"}
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


def text_form(head: str, *, filename: str, stated: str | None) -> str:
    """One of the `FORMATS` of text. `head` is the file's first characters.

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
    if claimed is None or (claimed == "json" and found != "csv"):
        return found
    if (claimed == "json") != (found != "csv"):
        hint = "" if found == "csv" else f' or send "format": "{found}"'
        message = f"{echo(filename)} is named {claimed} but holds {TEXTS[found]}. Rename it to .{_suffix(found)}{hint}."
        raise Problem("type_mismatch", message, param="format")
    return claimed


def _claimed(filename: str, stated: str | None) -> str | None:
    return stated or SUFFIXES.get(PurePath(filename).suffix.lower())


def misnamed(filename: str, claimed: str | None, kind: str) -> Problem:
    message = f"{echo(filename)} is named or stated to be {claimed} but is {kind}. Name it as what it is."
    return Problem("type_mismatch", message, param="file")


def _found(head: str) -> str:
    lines = head.lstrip().split("\n")
    first = _object(lines[0])
    if first is None:
        return "json" if DOCUMENT.match(head) else "csv"
    if _is_chat(first):
        return "chat"
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
    return "jsonl" if form == "chat" else form


def _unsupported(reason: str) -> Problem:
    return Problem("unsupported_format", f"{reason} Formats: {', '.join(FORMATS)}.", param="format")
