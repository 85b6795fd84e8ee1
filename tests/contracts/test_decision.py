"""From probabilities to an answer, by hand-computed cases, and what a definition may not say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.decision import Decision, answer, faults_of, matrix

LABELS = ("fine", "fraud", "unclear")


def test_without_a_rule_the_most_probable_label_is_answered() -> None:
    assert answer(Decision(), LABELS, (0.2, 0.5, 0.3)) == "fraud"
    assert Decision().plain


def test_the_answer_is_the_one_of_least_expected_cost() -> None:
    """Missing fraud costs 10, a false alarm 1: at 20 % it is an alarm (0.8 against 2.0)."""
    decision = Decision(costs={"fraud": {"fine": 10}})
    assert matrix(decision, LABELS) == [[0, 1, 1], [10, 0, 1], [1, 1, 0]]
    assert answer(decision, LABELS, (0.8, 0.2, 0.0)) == "fraud"
    assert answer(decision, LABELS, (0.95, 0.05, 0.0)) == "fine"


def test_the_positive_label_is_answered_from_its_threshold_on() -> None:
    decision = Decision(positive_label="fraud", thresholds={"fraud": 0.3})
    assert answer(decision, LABELS, (0.6, 0.3, 0.1)) == "fraud"
    assert answer(decision, LABELS, (0.3, 0.29, 0.41)) == "unclear"
    high = Decision(positive_label="fraud", thresholds={"fraud": 0.9})
    assert answer(high, LABELS, (0.15, 0.8, 0.05)) == "fine"


def test_below_its_confidence_nothing_is_answered() -> None:
    decision = Decision(abstain_below=0.5)
    assert answer(decision, LABELS, (0.4, 0.35, 0.25)) is None
    assert answer(decision, LABELS, (0.5, 0.3, 0.2)) == "fine"


@given(st.lists(st.floats(0.01, 1), min_size=3, max_size=3))
def test_equal_costs_change_nothing(weights: list[float]) -> None:
    probabilities = [weight / sum(weights) for weight in weights]
    costs = {true: {other: 1.0 for other in LABELS if other != true} for true in LABELS}
    chosen = answer(Decision(costs=costs), LABELS, probabilities)
    assert chosen is not None
    assert probabilities[LABELS.index(chosen)] == pytest.approx(max(probabilities))


BAD = {
    "label_descriptions": Decision(label_descriptions={"frued": "x"}),
    "positive_label": Decision(positive_label="frued"),
    "thresholds": Decision(positive_label="fraud", thresholds={"fraud": 0.5, "fine": 0.5}),
    "thresholds.fraud": Decision(positive_label="fraud", thresholds={"fraud": 1.5}),
    "costs.fraud.fine": Decision(costs={"fraud": {"fine": -1}}),
    "costs.fraud": Decision(costs={"fraud": {"find": 1}}),
    "costs": Decision(costs={"fraud": {"fine": 2}}, positive_label="fraud", thresholds={"fraud": 0.4}),
    "abstain_below": Decision(abstain_below=-0.1),
}


@pytest.mark.parametrize("param", BAD)
def test_what_makes_no_sense_is_refused_by_field(param: str) -> None:
    faults = faults_of(BAD[param], LABELS, several=False)
    assert [fault.param for fault in faults] == [param]


def test_a_label_misspelt_is_told_with_the_nearest() -> None:
    (fault,) = faults_of(BAD["positive_label"], LABELS, several=False)
    assert "Did you mean 'fraud'?" in fault.message


def test_several_labels_have_thresholds_each_and_no_costs() -> None:
    assert faults_of(Decision(thresholds={"fine": 0.4, "fraud": 0.6}), LABELS, several=True) == []
    assert [fault.code for fault in faults_of(Decision(costs={"fraud": {"fine": 2}}), LABELS, several=True)] == [
        "costs_and_thresholds"
    ]


def test_a_task_without_classes_decides_nothing() -> None:
    decision = Decision(abstain_below=0.4, costs={"a": {"b": 1}})
    faults = faults_of(decision, (), several=None)
    assert {fault.param for fault in faults} == {"abstain_below", "costs"}
    assert faults_of(Decision(), (), several=None) == []
