"""Which reader a file needs: what the customer stated, else its name, else its first characters."""

import json
from pathlib import PurePath

from contracts.ingestion import FORMATS
from contracts.problems import Problem, echo

SUFFIXES = {".csv": "csv", ".tsv": "tsv", ".tab": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}


def recognise(head: str, *, filename: str, stated: str | None) -> str:
    """One of `FORMATS`. `head` is the file's first characters.

    Raises `Problem`: `unsupported_format` (another one stated, or one JSON document), `type_mismatch` (named .csv or
    .tsv but holding JSON lines).
    """
    if stated is not None and stated not in FORMATS:
        raise _unsupported(f"{echo(stated)} is not a format read here.", "format")
    if stated is not None:
        return stated
    named = SUFFIXES.get(PurePath(filename).suffix.lower())
    lines = _opens_with_object(head)
    if named in ("csv", "tsv") and lines:
        message = (
            f'{echo(filename)} is named {named} but holds JSON lines. Rename it to .jsonl or send "format": "jsonl".'
        )
        raise Problem("type_mismatch", message, param="format")
    if named is None and not lines and head.lstrip().startswith(("[", "{")):
        raise _unsupported(f"{echo(filename)} is one JSON document; send one object a line.", "file")
    return named or ("jsonl" if lines else "csv")


def _opens_with_object(head: str) -> bool:
    line = head.lstrip().split("\n", 1)[0]
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _unsupported(reason: str, param: str) -> Problem:
    return Problem("unsupported_format", f"{reason} Formats: {', '.join(FORMATS)}.", param=param)
