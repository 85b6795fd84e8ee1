"""Contracts to JSON and back, types checked on the way in (msgspec; unknown extra keys are tolerated)."""

from typing import Any, TypeVar

import msgspec

T = TypeVar("T")


def to_json(value: object) -> bytes:
    """One line of UTF-8 JSON, without a newline at its end."""
    return msgspec.json.encode(value)


def to_data(value: object) -> Any:
    """Plain dicts, lists and scalars, as a JSON column stores them."""
    return msgspec.to_builtins(value)


def from_json(data: bytes | str, kind: type[T]) -> T:
    """Raises `msgspec.ValidationError` where `data` is not a `kind`."""
    return msgspec.json.decode(data, type=kind)


def from_data(data: object, kind: type[T]) -> T:
    """The inverse of `to_data`; raises `msgspec.ValidationError`."""
    return msgspec.convert(data, type=kind)
