"""Ids sort by the moment they were made and say what they are ids of."""

import time

import pytest

from contracts import ids


def test_they_sort_by_their_moment() -> None:
    made = []
    for _ in range(5):
        made.append(ids.new("task"))
        time.sleep(0.002)  # a ULID's clock ticks in milliseconds
    assert made == sorted(made)
    assert len(made[0]) <= ids.LENGTH


@pytest.mark.parametrize("value", ["", "task_", "task", "task_" + "u" * 26, "TASK_" + "0" * 26, "task_" + "0" * 27])
def test_what_could_be_no_id_is_told_apart(value: str) -> None:
    assert not ids.well_formed(value, "task")
    assert ids.well_formed(ids.new("task"), "task")
    assert not ids.well_formed(ids.new("file"), "task")
