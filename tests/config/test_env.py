"""The readers of the environment take no nonsense, and name the variable without repeating its value."""

from collections.abc import Callable

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env
from config.databases import database

NAME = "LANDFALL_TEST_VALUE"
GOOD: list[tuple[Callable[[], object], str, object]] = [
    (lambda: env.text(NAME), " a ", "a"),
    (lambda: env.text(NAME, "b"), "", "b"),
    (lambda: env.optional(NAME), "", None),
    (lambda: env.flag(NAME), "Yes", True),
    (lambda: env.flag(NAME, default=True), "off", False),
    (lambda: env.number(NAME, 5, low=1, high=9), "", 5),
    (lambda: env.number(NAME, 5, low=1, high=9), "9", 9),
    (lambda: env.choice(NAME, "a", ("a", "b")), "b", "b"),
    (lambda: env.words(NAME), "a, b ,,", ["a", "b"]),
]
BAD: list[tuple[Callable[[], object], str]] = [
    (lambda: env.text(NAME), ""),
    (lambda: env.flag(NAME), "perhaps"),
    (lambda: env.number(NAME, 5, low=1, high=9), "10"),
    (lambda: env.number(NAME, 5, low=1, high=9), "1.5"),
    (lambda: env.number(NAME, 5, low=1, high=9), "\u0663"),
    (lambda: env.choice(NAME, "a", ("a", "b")), "secret-c"),
]


@pytest.mark.parametrize(("read", "value", "meant"), GOOD)
def test_what_is_meant_is_read(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], object], value: str, meant: object
) -> None:
    monkeypatch.setenv(NAME, value)
    assert read() == meant


@pytest.mark.parametrize(("read", "value"), BAD)
def test_what_cannot_be_meant_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, read: Callable[[], object], value: str
) -> None:
    monkeypatch.setenv(NAME, value)
    with pytest.raises(ImproperlyConfigured, match=NAME) as told:
        read()
    assert "secret" not in str(told.value)


@pytest.mark.parametrize("url", ["", "nonsense", "postgresql://host/", "mysql://u:secret@h/d", "postgresql://h/d"])
def test_an_address_of_no_database_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must look like") as told:
        database(url, variable="DATABASE_URL", pool=None)
    assert "secret" not in str(told.value)


def test_an_address_becomes_djangos_settings() -> None:
    made = database("postgresql://app:p%40ss@db:5433/landfall?sslmode=require", variable="DATABASE_URL", pool=7)
    assert (made["USER"], made["PASSWORD"], made["HOST"], made["PORT"]) == ("app", "p@ss", "db", "5433")
    assert made["OPTIONS"]["sslmode"] == "require"
    assert made["OPTIONS"]["pool"]["max_size"] == 7
