"""JSON as RFC 8259 has it, and what becomes of its values in a table: shared by the readers of JSON."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from training.ingest.readers.complaints import Complaints
from training.ingest.readers.table import NOT_TEXT

NAMES: dict[type, str] = {bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


class BadValue(ValueError):
    """JSON to Python's parser, but not to RFC 8259, or not to be told apart."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise BadValue("a key appears twice in one object; keep one of them.")
    return value


def _no_constant(name: str) -> None:
    raise BadValue(f"{name} is no JSON value; write null or a string.")


STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)


def object_on(line: str, number: int, complaints: Complaints, example: str) -> dict[str, Any] | None:
    """The line's object; None where it is blank or, after a complaint, no object.

    Empty, so that later rows keep their numbers, where it holds what no text may hold.
    """
    if line.isspace():
        return None
    try:
        value = STRICT.decode(line)
    except json.JSONDecodeError as error:
        complaints.add("bad_json_line", number, f"not valid JSON ({error.msg}, column {error.colno} of the first).")
    except BadValue as error:
        complaints.add("bad_json_line", number, str(error))
    except (RecursionError, ValueError):  # nested beyond any use, or a number of thousands of digits
        complaints.add("bad_json_line", number, "nested too deeply, or a number with too many digits.")
    else:
        if isinstance(value, dict) and value:
            return value if "\\u" not in line else storable(value, number, complaints)
        complaints.add("bad_json_line", number, f"not a JSON object {example}")
    return None


def storable(value: dict[str, Any], number: int, complaints: Complaints) -> dict[str, Any]:
    """An empty object, and a complaint, where an escape smuggled in what no text may hold: NUL, or half a pair."""
    return value if allowed(_texts(value), number, complaints) else {}


def _texts(value: object) -> Iterator[str]:
    """Every string in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            yield key
            yield from _texts(each)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


def allowed(texts: Iterable[str], number: int, complaints: Complaints) -> bool:
    """False, and a complaint, where one of the texts holds NUL or half a surrogate pair."""
    texts = list(texts)
    if any("\0" in text for text in texts):
        complaints.add("nul_not_allowed", number, "holds a NUL character (\\u0000). Remove it; text has no use for it.")
    elif any("\ud800" <= character <= "\udfff" for text in texts for character in text):
        complaints.add(
            "invalid_unicode", number, "holds half a surrogate pair (\\ud800 to \\udfff). Escape both halves."
        )
    else:
        return True
    return False


def array_cells(lists: Iterable[Sequence[str]]) -> list[str]:
    """A column of a batch whose every value is a list of strings."""
    return [_cell(list(each)) for each in lists]


def cells(objects: Sequence[dict[str, Any]], name: str) -> list[str | None]:
    """A column of a batch: null where an object lacks the key."""
    return [_cell(each[name]) if name in each else None for each in objects]


def _cell(value: object) -> str:
    """A string as it is, null as an empty cell, anything else as a stand-in that names its type and holds its JSON."""
    if type(value) is str:
        return value
    if value is None:
        return ""
    return f"{NOT_TEXT}{NAMES[type(value)]}{NOT_TEXT}{json.dumps(value, ensure_ascii=False)}"
