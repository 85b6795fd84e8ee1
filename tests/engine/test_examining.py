"""What a report says of single rows and of confidence, against figures worked out by hand."""

import numpy as np
import pytest

from training.engine.judging import examining

SHARES = np.array([[0.9, 0.1], [0.2, 0.8], [0.6, 0.4], [0.05, 0.95]])
TRUTH = np.array([0, 0, 1, 1])
RIGHT = SHARES.argmax(1) == TRUTH


def test_answering_only_the_surest_rows_is_measured_for_what_is_left() -> None:
    points = {round(one.coverage, 2): one for one in examining.abstention(SHARES.max(1), RIGHT)}
    assert {coverage: one.accuracy for coverage, one in points.items()} == pytest.approx(
        {1.0: 0.5, 0.75: 2 / 3, 0.5: 1.0, 0.25: 1.0}
    )
    assert points[0.75].confidence == pytest.approx(0.8)


def test_rows_of_one_confidence_are_answered_together() -> None:
    [only] = examining.abstention(np.full(10, 0.7), np.arange(10) < 4)
    assert (only.coverage, only.accuracy) == (1.0, 0.4)


def test_the_surest_mistake_comes_first_and_is_named_by_its_row() -> None:
    first, second = examining.surest_mistakes(SHARES, TRUTH, [11, 12, 13, 14], ("no", "yes"))
    assert first == examining.Mistake(row=12, true="no", answered="yes", confidence=0.8)
    assert second.row == 13
