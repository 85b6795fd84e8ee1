"""Between a trial's parameters and the settings of a training."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contracts.fine_tune import FineTuneSpec
from contracts.search import Range, Space, Value
from contracts.search_checks import WHOLE
from training.engine.settings import Settings


def with_parameter(spec: FineTuneSpec, name: str, value: Value) -> FineTuneSpec:
    if name == "method":
        return replace(spec, method=str(value))
    changed: dict[str, Any] = {name: value}
    return replace(spec, hyperparameters=replace(spec.hyperparameters, **changed))


def nearest(spec: FineTuneSpec, space: Space, settle: Callable[[FineTuneSpec], Settings]) -> FineTuneSpec:
    """What would be chosen without a search, moved into the space one parameter after the other: the method first, as
    the others' usual values depend on it."""
    for name in sorted(space, key=lambda name: name != "method"):
        usual = parameter(spec, settle(spec), name)
        if usual is not None:
            spec = with_parameter(spec, name, _nearest(name, space[name], usual))
    return spec


def parameters(spec: FineTuneSpec, chosen: Settings, space: Space) -> dict[str, Value]:
    """What a training has of each parameter of the space."""
    found = {name: parameter(spec, chosen, name) for name in space}
    return {name: value for name, value in found.items() if value is not None}


def parameter(spec: FineTuneSpec, chosen: Settings, name: str) -> Value | None:
    """None where it plays no part: the rank without adapters, weights of classes given one by one. The base model is
    the service's to choose."""
    if name == "model":
        return None
    if name == "learning_rate_multiplier":
        return spec.hyperparameters.learning_rate_multiplier or 1.0
    if name == "class_weights":
        return chosen.class_weights if isinstance(chosen.class_weights, str) else "none"
    value: Value | None = getattr(chosen, "epochs" if name == "n_epochs" else name)
    return value


def _nearest(name: str, one: Range | tuple[Value, ...], usual: Value) -> Value:
    if isinstance(one, Range):
        held = min(max(float(usual), one.low), one.high)
        return round(held) if name in WHOLE else held
    if usual in one or isinstance(usual, str):
        return usual if usual in one else one[0]
    return min(one, key=lambda value: abs(float(value) - float(usual)))
