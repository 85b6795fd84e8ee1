"""Labels that are likely wrong: those that were turned round are found, by row, and a perfect split has none."""

import numpy as np
import pytest

from training.engine.judging.mislabelled import find, judge

LABELS = ("a", "b", "c")


def shares(truth: np.ndarray, *, sure: float = 0.8) -> np.ndarray:
    return np.where(np.eye(3, dtype=bool)[truth], sure, (1 - sure) / 2)


def test_labels_that_were_turned_round_are_found_the_surest_first() -> None:
    really = np.arange(90) % 3
    said = shares(really)
    said[[7, 40]] = (0.02, 0.96, 0.02), (0.05, 0.9, 0.05)  # truly "b"
    given = really.copy()
    given[[7, 40]] = (0, 2)
    numbers = list(range(90))
    splits = {
        "validation": (said[:30], given[:30], numbers[:30]),
        "test": (said[30:], given[30:], numbers[30:]),
    }
    doubts = judge(LABELS, splits)
    assert (doubts.rows, doubts.found) == (90, 2)
    assert [(one.row, one.split, one.given, one.suggested) for one in doubts.listed] == [
        (7, "validation", "a", "b"), (40, "test", "c", "b")
    ]  # fmt: skip
    assert [one.confidence for one in doubts.listed] == pytest.approx([0.96, 0.9])


def test_a_class_that_the_model_is_never_sure_of_is_not_doubted_for_that() -> None:
    """Rows of "c" get 0.4 of it and 0.45 of "a"; "a" in its own rows has 0.9."""
    truth = np.array([0] * 10 + [2] * 10)
    said = np.array([[0.9, 0.05, 0.05]] * 10 + [[0.45, 0.15, 0.4]] * 10)
    suggested, doubted = find(said, truth)
    assert doubted == []
    assert (suggested[10:] == 2).all()
    assert (said.argmax(1)[10:] == 0).all(), "the most probable class is another one"


def test_a_class_without_rows_is_never_suggested() -> None:
    truth = np.zeros(5, dtype=np.int64)
    assert find(np.array([[0.4, 0.6, 0.0]] * 5), truth)[1] == []
