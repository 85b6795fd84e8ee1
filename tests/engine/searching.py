"""A search without the service around it: one trial after the other, each asked for and run as a worker would."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from contracts.child import Done, Message, Metrics
from contracts.fine_tune import FineTuneSpec
from contracts.search import Question, Search, Searched, Space, Trial, Tried, Value
from contracts.task import LOWER_IS_BETTER
from training.engine.search.proposing import proposed
from training.engine.search.settled import with_parameter

Run = Callable[[FineTuneSpec], Sequence[Message]]


def searched(spec: FineTuneSpec, search: Search, run: Run) -> Searched:
    """`run` gives what the child says."""
    tried: tuple[Tried, ...] = ()
    for number in range(1, search.trials + 1):
        tried = (*tried, one_trial(spec, search, number, tried, run))
    sign = -1 if spec.task.metric in LOWER_IS_BETTER else 1
    completed = [one for one in tried if one.state == "completed"]
    chosen = max(completed, key=lambda one: sign * (one.value or 0.0)).number
    return Searched(search=search, trials=tried, chosen=chosen)


def one_trial(spec: FineTuneSpec, search: Search, number: int, earlier: tuple[Tried, ...], run: Run) -> Tried:
    nearest = number == 1 and search.strategy != "grid"
    question = Question(search=search, number=number, seed=spec.seed, metric=spec.task.metric, earlier=earlier)
    trial = Trial(number=number, search=search, nearest=nearest, earlier=earlier)
    asked = with_parameters(replace(spec, trial=trial), {} if nearest else proposed(question))
    said = run(asked)
    validated = [one.values for one in said if isinstance(one, Metrics) and "valid_loss" in one.values]
    done = said[-1]
    assert isinstance(done, Done), done
    return Tried(
        number=number,
        state="pruned" if done.summary["pruned"] else "completed",
        parameters=of_space(done, search.space),
        value=float(done.summary["value"] or 0.0),
        values=tuple(one[f"valid_{spec.task.metric}"] for one in validated),
        seconds=float(done.summary["train_seconds"] or 0.0),
    )


def of_space(done: Done, space: Space) -> dict[str, Value]:
    return {name: value for name in space if (value := done.summary.get(name)) is not None}


def with_parameters(spec: FineTuneSpec, parameters: dict[str, Value]) -> FineTuneSpec:
    for name, value in parameters.items():
        spec = with_parameter(spec, name, value)
    return spec


def settled(spec: FineTuneSpec, found: Searched) -> FineTuneSpec:
    """The training that the search ends with."""
    best = next(one for one in found.trials if one.number == found.chosen)
    return replace(with_parameters(spec, best.parameters), searched=found)
