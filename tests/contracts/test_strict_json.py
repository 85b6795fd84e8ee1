"""JSON read strictly: every body is a value or a sentence about what is wrong with it."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts import strict_json
from contracts.problems import ECHO_LIMIT, Problem

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_json_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert strict_json.parse(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


@given(st.binary(max_size=60) | TEXT.map(str.encode))
def test_any_bytes_are_a_value_or_a_problem(raw: bytes) -> None:
    assert len(_complaint(raw)) < ECHO_LIMIT + 200


def _complaint(raw: bytes) -> str:
    try:
        strict_json.parse(raw)
    except Problem as problem:
        return problem.message
    return ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "invalid_json"),
        (b"{} {}", "invalid_json"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "duplicate_key"),
        (b"[-Infinity]", "number_too_large"),
        (b"-1e400", "number_too_large"),
        (b"1" * 301, "number_too_large"),
        (b"0." + b"1" * 5_000, "number_too_large"),
        (b'{"\\udc00": 1}', "invalid_unicode"),
        (b'["\\u0000"]', "nul_not_allowed"),
        (b"[" * 33 + b"]" * 33, "json_too_deep"),
        (b'{"a":' * 5_000, "json_too_deep"),
        (b"[" + b"[]," * 100_000 + b"[]]", "too_many_items"),
    ],
)
def test_what_parsers_disagree_on_is_refused(raw: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        strict_json.parse(raw)
    assert caught.value.code == code


def test_thirty_two_levels_are_read() -> None:
    assert strict_json.parse(b"[" * 32 + b"]" * 32)
