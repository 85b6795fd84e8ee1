"""A study of Optuna's, in memory, as the rows of the trials tell it."""

from collections.abc import Iterable
from typing import Any

import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, TrialState, create_trial

from contracts.search import Range, Space, Tried, Value
from contracts.search_checks import WHOLE
from contracts.task import LOWER_IS_BETTER

STATES = {
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "running": TrialState.RUNNING,
    "queued": TrialState.RUNNING,  # its parameters are known: others keep away from them
    "failed": TrialState.FAIL,
    "cancelled": TrialState.FAIL,
}
optuna.logging.set_verbosity(optuna.logging.WARNING)


def study_of(metric: str, tried: Iterable[Tried], space: Space, **parts: Any) -> optuna.Study:
    """`parts`: sampler or pruner."""
    study = optuna.create_study(direction=direction(metric), **parts)
    for one in tried:
        if one.state != "pruned" or one.values:
            study.add_trial(_frozen(one, space))
    return study


def direction(metric: str) -> StudyDirection:
    return StudyDirection.MINIMIZE if metric in LOWER_IS_BETTER else StudyDirection.MAXIMIZE


def _distribution(name: str, one: Range | tuple[Value, ...]) -> BaseDistribution:
    if not isinstance(one, Range):
        return CategoricalDistribution(one)
    if name in WHOLE:
        return IntDistribution(int(one.low), int(one.high), log=one.log)
    return FloatDistribution(one.low, one.high, log=one.log)


def _frozen(one: Tried, space: Space) -> FrozenTrial:
    """Parameters that the space does not hold are left out."""
    held = {name: value for name, value in one.parameters.items() if name in space and _holds(space[name], value)}
    return create_trial(
        state=STATES[one.state],
        value=one.value if one.state == "completed" else None,
        params=held,
        distributions={name: _distribution(name, space[name]) for name in held},
        intermediate_values=dict(enumerate(one.values, start=1)),
    )


def _holds(one: Range | tuple[Value, ...], value: Value) -> bool:
    return one.low <= float(value) <= one.high if isinstance(one, Range) else value in one
