"""What a threshold costs, against figures worked out by hand."""

import numpy as np
import pytest

from contracts.decision import Decision
from training.engine.judging.thresholds import judge

LABELS = ("fine", "fraud")
COSTS = {"fraud": {"fine": 10.0}}  # a false alarm costs 1
FRAUD = np.array([0.02, 0.05, 0.1, 0.3, 0.6, 0.9])
SHARES = np.stack([1 - FRAUD, FRAUD], axis=1)
TRUTH = np.array([0, 0, 1, 0, 1, 1])


def test_the_threshold_is_chosen_on_validation_and_judged_on_the_test() -> None:
    """From 0.1 on every fraud is found for one false alarm; of the test rows one more fraud lies below."""
    found = judge(Decision(costs=COSTS), LABELS, (SHARES, TRUTH), (SHARES, np.array([0, 1, 1, 0, 1, 1])))
    assert found is not None
    assert found.label == "fraud"
    assert 0.05 < found.chosen <= 0.1
    assert min(found.validation) == pytest.approx(1 / 6)
    assert found.cost == pytest.approx(11 / 6)
    assert found.halved == pytest.approx(20 / 6)
    assert found.ruled == pytest.approx(11 / 6), "by least expected cost it is answered from 1/11 on"
    assert found.interval[0] <= found.cost <= found.interval[1]
    assert len(found.points) == len(found.validation) == len(found.test)


def test_nothing_is_looked_for_where_no_costs_are_said_or_no_label_is_meant() -> None:
    assert judge(Decision(positive_label="fraud"), LABELS, (SHARES, TRUTH), (SHARES, TRUTH)) is None
    three = ("fine", "fraud", "other")
    wide = np.hstack([SHARES, np.zeros((6, 1))])
    assert judge(Decision(costs=COSTS), three, (wide, TRUTH), (wide, TRUTH)) is None
    found = judge(Decision(costs=COSTS, positive_label="fraud"), three, (wide, TRUTH), (wide, TRUTH))
    assert found is not None
    assert found.cost == pytest.approx(1 / 6)
