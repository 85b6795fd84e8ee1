"""What a task's decision is worth, against figures worked out by hand."""

import numpy as np
import pytest

from contracts.decision import Decision
from training.engine.judging.deciding import judge

LABELS = ("fine", "fraud")
PROBABILITIES = np.array([[0.95, 0.05], [0.7, 0.3], [0.4, 0.6], [0.2, 0.8]])
TRUTH = np.array([0, 1, 0, 1])


def test_a_task_that_says_nothing_is_judged_as_usual() -> None:
    assert judge(Decision(), LABELS, PROBABILITIES, TRUTH) is None


def test_costs_change_answers_and_are_compared_with_the_cheapest_constant() -> None:
    """Fraud missed costs 10: the second row becomes an alarm, too. Of three alarms one is false."""
    decided = judge(Decision(costs={"fraud": {"fine": 10}}), LABELS, PROBABILITIES, TRUTH)
    assert decided is not None
    assert decided.cost == pytest.approx(1 / 4)
    assert decided.constant_cost == pytest.approx(0.5)
    assert decided.constant_label == "fraud"
    assert decided.accuracy == pytest.approx(3 / 4)


def test_rows_below_the_confidence_are_left_out_of_accuracy_and_counted() -> None:
    decided = judge(Decision(abstain_below=0.65), LABELS, PROBABILITIES, TRUTH)
    assert decided is not None
    assert decided.coverage == pytest.approx(3 / 4)
    assert decided.accuracy == pytest.approx(2 / 3)
    assert decided.cost is None


def test_the_positive_label_is_measured_at_its_threshold() -> None:
    decided = judge(Decision(positive_label="fraud", thresholds={"fraud": 0.3}), LABELS, PROBABILITIES, TRUTH)
    assert decided is not None
    assert decided.positive is not None
    assert decided.positive.precision == pytest.approx(2 / 3)
    assert decided.positive.recall == 1.0
    assert decided.positive.f1 == pytest.approx(0.8)
    assert decided.positive.average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert set(decided.summary()) == {"coverage", "answered_accuracy", "positive_f1", "average_precision"}


def test_where_nothing_is_answered_nothing_is_right() -> None:
    decided = judge(Decision(abstain_below=1.0), LABELS, PROBABILITIES, TRUTH)
    assert decided is not None
    assert (decided.coverage, decided.accuracy) == (0.0, 0.0)
