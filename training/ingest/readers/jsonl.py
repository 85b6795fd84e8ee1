"""JSON lines (RFC 8259 objects, one a line): keys are columns, as they first appear. Blank lines are no rows."""

import json
from collections.abc import Sequence
from itertools import islice
from typing import Any

from contracts.problems import Fault
from training.ingest.encoding import TextFile
from training.ingest.places import Tally, capital, numbered
from training.ingest.readers.table import NOT_TEXT, Spool, Table, header_faults

EXAMPLE = '{"text": "...", "label": "..."}'
NAMES: dict[type, str] = {bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


class BadLine(ValueError):
    """JSON to Python's parser, but not to RFC 8259, or not to be told apart."""


class Complaints:
    """Lines that could not be read, by code; the first of each kind says why in its own words."""

    def __init__(self) -> None:
        self.tallies: dict[str, Tally] = {}
        self.reasons: dict[str, str] = {}

    def add(self, code: str, line: int, reason: str) -> None:
        self.tallies.setdefault(code, Tally()).add(line)
        self.reasons.setdefault(code, reason)

    def faults(self) -> list[Fault]:
        return [
            Fault(code=code, message=f"{self._places(tally)}: {self.reasons[code]}", param="file")
            for code, tally in self.tallies.items()
        ]

    def _places(self, tally: Tally) -> str:
        return capital(numbered("line", tally.first, tally.count))


def read(file: TextFile, spool: Spool) -> Table:
    """Faults: those of `header_faults` and of `spool`, `bad_json_line`, `nul_not_allowed`, `invalid_unicode`."""
    columns: dict[str, None] = {}
    complaints = Complaints()
    with file.open(newline="\n") as stream:  # a JSON string may hold other line ends than this one
        numbered_lines = enumerate(stream, start=1)
        while not spool.full and (lines := list(islice(numbered_lines, spool.batch_rows(len(columns))))):
            objects = [value for number, line in lines if (value := _object(line, number, complaints)) is not None]
            for each in objects:
                columns.update(dict.fromkeys(each))
            if len(columns) > spool.limits.columns:
                break
            if objects:
                spool.add([_cells(objects, name) for name in columns], position=stream.buffer.tell())
    names = list(columns)
    faults = [*complaints.faults(), *header_faults(names, spool.limits), *spool.faults(names)]
    return Table(columns=tuple(names), rows=spool.rows, frame=spool.scan(), faults=tuple(faults))


def _object(line: str, number: int, complaints: Complaints) -> dict[str, Any] | None:
    """The line's object; None where it is blank; empty, so that later rows keep their numbers, after a complaint."""
    if line.isspace():
        return None
    try:
        value = json.loads(line, object_pairs_hook=_unique, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        complaints.add("bad_json_line", number, f"not valid JSON ({error.msg}, column {error.colno} of the first).")
    except BadLine as error:
        complaints.add("bad_json_line", number, str(error))
    except (RecursionError, ValueError):  # nested beyond any use, or a number of thousands of digits
        complaints.add("bad_json_line", number, "nested too deeply, or a number with too many digits.")
    else:
        if isinstance(value, dict) and value:
            return value if "\\u" not in line else _storable(value, number, complaints)
        complaints.add(
            "bad_json_line",
            number,
            f"not a JSON object with text and label. Write one object a line, such as {EXAMPLE}.",
        )
    return None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadLine("a key appears twice in one object; keep one of them.")
    return value


def _no_constant(name: str) -> None:
    raise BadLine(f"{name} is no JSON value; write null or a string.")


def _storable(value: dict[str, Any], number: int, complaints: Complaints) -> dict[str, Any]:
    """An empty object, and a complaint, where an escape smuggled in what no text may hold: NUL, or half a pair."""
    texts = [*value, *(each for each in value.values() if isinstance(each, str))]
    if any("\0" in text for text in texts):
        complaints.add("nul_not_allowed", number, "holds a NUL character (\\u0000). Remove it; text has no use for it.")
    elif any("\ud800" <= character <= "\udfff" for text in texts for character in text):
        complaints.add(
            "invalid_unicode", number, "holds half a surrogate pair (\\ud800 to \\udfff). Escape both halves."
        )
    else:
        return value
    return {}


def _cells(objects: Sequence[dict[str, Any]], name: str) -> list[str | None]:
    return [_cell(each[name]) if name in each else None for each in objects]


def _cell(value: object) -> str:
    """A string as it is, null as an empty cell, anything else as a stand-in that names its type."""
    if type(value) is str:
        return value
    return "" if value is None else NOT_TEXT + NAMES[type(value)]
