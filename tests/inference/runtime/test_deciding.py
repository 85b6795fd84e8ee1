"""The runtime answers as the task decides, and still lists every label."""

import numpy as np
import pytest

from contracts.decision import Decision
from contracts.prediction import Parameters
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from inference.runtime.kinds.scores import ranked

LOGITS = [np.log(np.array(row, dtype=np.float32)) for row in ([0.5, 0.3, 0.2], [0.8, 0.15, 0.05])]


def answers(decision: Decision, parameters: Parameters = Parameters()) -> list[str | None]:  # noqa: B008 - frozen
    task = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("fine", "fraud", "unclear"), decision=decision)
    return [one.label for one in ranked(LOGITS, task, parameters)]


@pytest.mark.parametrize("parameters", [Parameters(), Parameters(top_k=1), Parameters(function="none")])
def test_what_is_asked_for_changes_no_answer(parameters: Parameters) -> None:
    assert answers(Decision(), parameters) == ["fine", "fine"]
    assert answers(Decision(abstain_below=0.6), parameters) == [None, "fine"]


def test_costs_and_thresholds_decide() -> None:
    assert answers(Decision(costs={"fraud": {"fine": 20.0}})) == ["fraud", "fraud"]
    assert answers(Decision(positive_label="fraud", thresholds={"fraud": 0.2})) == ["fraud", "fine"]


def test_labels_are_listed_whatever_is_answered() -> None:
    task = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a", "b", "c"), decision=Decision(abstain_below=0.9))
    (one, _) = ranked(LOGITS, task, Parameters())
    assert one.label is None
    assert [(each.label, round(each.score, 2)) for each in one.labels] == [("a", 0.5), ("b", 0.3), ("c", 0.2)]
