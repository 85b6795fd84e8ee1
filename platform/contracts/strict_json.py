"""JSON bodies read strictly: what parsers disagree on is refused, with the reason (RFC 8259, RFC 7493 I-JSON).

Knows no web framework; the web process and the runtime read their bodies with it.
"""

import json
from typing import Any

from contracts.problems import Problem, echo

MAX_DEPTH = 32
MAX_ITEMS = 100_000  # keys and elements in one body
MAX_DIGITS = 300  # of one number; beyond a double's range nothing is meant by it


def parse(raw: bytes) -> Any:
    """The value of a UTF-8 body; raises `Problem` naming what is wrong with it."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem("invalid_unicode", f"The body is not UTF-8 (byte {error.start}).") from error
    try:
        value = json.loads(
            text, object_pairs_hook=_pairs, parse_constant=_constant, parse_int=_whole, parse_float=_real
        )
    except RecursionError as error:
        raise _too_deep() from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem("invalid_json", f"The body is not valid JSON: {error.msg} at {where}.") from error
    _inspect(value)
    return value


def check_text(value: str) -> None:
    """Text that PostgreSQL and UTF-8 can hold; raises `Problem`."""
    if "\x00" in value:
        raise Problem("nul_not_allowed", f"The text {echo(value)} holds a NUL character.")
    try:
        value.encode("utf-8")  # the quickest search for half a surrogate pair
    except UnicodeEncodeError as error:
        raise Problem("invalid_unicode", "A text holds half of a surrogate pair; send whole characters.") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Problem("duplicate_key", f"The key {echo(key)} appears twice in one object.", param=key[:100])
        found[key] = value
    return found


def _constant(name: str) -> float:
    raise Problem("number_too_large", f"{name} is not a number that JSON knows.")


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise Problem("number_too_large", f"A number with {len(digits):,} digits is beyond what can be meant.")
    return int(digits)


def _real(digits: str) -> float:
    value = float(digits)
    if len(digits) > MAX_DIGITS or value in (float("inf"), float("-inf")):
        raise Problem("number_too_large", f"The number {echo(digits)} is out of range.")
    return value


def _too_deep() -> Problem:
    return Problem("json_too_deep", f"The body is nested deeper than {MAX_DEPTH} levels.")


def _inspect(root: Any) -> None:
    """Depth, size and characters, level by level, without recursion."""
    seen, depth, level = 0, 0, [root]
    while level:
        following: list[Any] = []
        for value in level:
            if isinstance(value, str):
                check_text(value)
            elif isinstance(value, dict | list):
                if depth == MAX_DEPTH:
                    raise _too_deep()
                following.extend(value)
                following.extend(value.values() if isinstance(value, dict) else ())
        seen += len(following)
        if seen > MAX_ITEMS:
            raise Problem("too_many_items", f"The body has more than {MAX_ITEMS:,} keys and elements.")
        depth, level = depth + 1, following
