"""How a classifier's probabilities become an answer: what a task says beyond its labels.

The rule that engine and runtime both follow, so that what was evaluated is what is served: the answer is the label of
least expected cost (Elkan 2001), or the most probable where no costs are given; the positive label from its threshold
on; and none at all where the most probable label is below `abstain_below` (Chow 1970).
"""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts.problems import Fault, echo

MOST_FAULTS = 20  # of one request
EVEN = 0.5  # the probability from which one of several labels is answered, where no threshold is given


@dataclass(frozen=True, kw_only=True)
class Decision:
    """`costs`: true label -> answered label -> cost; what is not there costs 0 where both are the same, else 1.
    `thresholds`: label -> probability from which it is given: of several labels any, of one the positive alone."""

    label_descriptions: dict[str, str] = field(default_factory=dict)
    positive_label: str | None = None
    thresholds: dict[str, float] = field(default_factory=dict)
    costs: dict[str, dict[str, float]] = field(default_factory=dict)
    abstain_below: float | None = None

    @property
    def plain(self) -> bool:
        """Whether the most probable label is always the answer."""
        return not self.costs and not self.thresholds and self.abstain_below is None


def matrix(decision: Decision, labels: Sequence[str]) -> list[list[float]]:
    """[true][answered], in the order of the labels."""
    return [
        [decision.costs.get(true, {}).get(answered, float(true != answered)) for answered in labels] for true in labels
    ]


def answer(decision: Decision, labels: Sequence[str], probabilities: Sequence[float]) -> str | None:
    """The label that is answered, None where the task would rather have none. `probabilities`: in the labels' order."""
    best = max(range(len(labels)), key=probabilities.__getitem__)
    if decision.abstain_below is not None and probabilities[best] < decision.abstain_below:
        return None
    positive = decision.positive_label
    if positive is not None and positive in decision.thresholds:
        at = labels.index(positive)
        if probabilities[at] >= decision.thresholds[positive]:
            return positive
        others = [index for index in range(len(labels)) if index != at]
        return labels[max(others, key=probabilities.__getitem__)]
    if decision.costs:
        table = matrix(decision, labels)
        expected = [sum(p * table[true][to] for true, p in enumerate(probabilities)) for to in range(len(labels))]
        return labels[min(range(len(labels)), key=expected.__getitem__)]
    return labels[best]


def several(decision: Decision, labels: Sequence[str], probabilities: Sequence[float]) -> tuple[str, ...]:
    """Of labels that are decided one by one those that are answered: from their threshold on."""
    return tuple(
        label
        for label, share in zip(labels, probabilities, strict=True)
        if share >= decision.thresholds.get(label, EVEN)
    )


def faults_of(decision: Decision, labels: Sequence[str], *, several: bool | None) -> list[Fault]:
    """Every label that the task does not have, every number out of its range, and what makes no sense. `several`:
    whether a row has several labels or one; None: it has no classes."""
    if several is None:
        said = [name for name, value in vars(decision).items() if value]
        message = "This task has no classes to decide between. Leave this out."
        return [Fault(code="not_for_this_form", message=message, param=name) for name in said]
    faults = _unknown(decision.label_descriptions, labels, "label_descriptions")
    faults += _unknown(decision.thresholds, labels, "thresholds")
    faults += _unknown(decision.costs, labels, "costs")
    for true, row in decision.costs.items():
        faults += _unknown(row, labels, f"costs.{true}")
        faults += [
            Fault(code="out_of_range", message="A cost is 0 or more.", param=f"costs.{true}.{answered}")
            for answered, cost in row.items()
            if not 0 <= cost < float("inf")
        ]
    faults += _shares(decision)
    if decision.positive_label is not None:
        faults += _unknown({decision.positive_label: None}, labels, "positive_label")
    return [*faults, *_senseless(decision, several=several)][:MOST_FAULTS]


def _unknown(named: Mapping[str, object], labels: Sequence[str], param: str) -> list[Fault]:
    faults = []
    for label in named:
        if label not in labels:
            near = difflib.get_close_matches(label, labels, n=1)
            hint = f" Did you mean {echo(near[0])}?" if near else ""
            message = f"The task has no label {echo(label)}.{hint}"
            faults.append(Fault(code="unknown_label", message=message, param=param))
    return faults


def _shares(decision: Decision) -> list[Fault]:
    shares = {f"thresholds.{label}": share for label, share in decision.thresholds.items()}
    if decision.abstain_below is not None:
        shares["abstain_below"] = decision.abstain_below
    message = "A probability lies between 0 and 1."
    return [
        Fault(code="out_of_range", message=message, param=name) for name, share in shares.items() if not 0 <= share <= 1
    ]


def _senseless(decision: Decision, *, several: bool) -> list[Fault]:
    faults = []
    if not several and set(decision.thresholds) - {decision.positive_label}:
        message = "Of one label a row, only the positive_label has a threshold: the others are what is left."
        faults.append(Fault(code="threshold_without_positive", message=message, param="thresholds"))
    if decision.costs and (decision.thresholds or several):
        message = "Costs choose one label among all; thresholds and several labels a row leave them nothing to choose."
        faults.append(Fault(code="costs_and_thresholds", message=message, param="costs"))
    return faults
