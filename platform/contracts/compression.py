"""What a finished model is made smaller and faster by, and the contract that the smaller one must hold to be kept."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import to_data
from contracts.problems import Fault, echo
from contracts.task import (
    QUESTION_ANSWERING,
    TEXT_CLASSIFICATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
)


@dataclass(frozen=True, kw_only=True)
class Compression:
    """`max_loss`: of the task's metric, percentage points where that is a share, else its own unit; `min_speedup`:
    texts a second against the original.

    `share`: of the weights or neurons, what goes; `layers`: how many stay; `student`: the base model that learns from
    the original, by its name in the catalogue; `epochs`: of training after the cut, None: the method's own; `then`: one
    of `EXPORTS`, made of the smaller model. Which method takes which: `METHODS`."""

    method: str = "int8"
    max_loss: float = 0.5
    min_speedup: float = 1.0
    share: float | None = None
    layers: int | None = None
    student: str | None = None
    epochs: int | None = None
    then: str | None = None


@dataclass(frozen=True, kw_only=True)
class Method:
    """`takes`: options of `Compression`; `needs`: of these one must be given, and no more than one. `epochs`: trained
    after the cut where the customer leaves it open. `reshapes`: whether it takes parts out of the encoder."""

    takes: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    epochs: int = 0
    reshapes: bool = False


# An ONNX graph in float32; with 8-bit weights; with 8-bit weights and activations, whose ranges training rows tell.
EXPORTS = ("onnx", "int8", "static_int8")
CUT = ("epochs", "then")
METHODS = {
    **dict.fromkeys(EXPORTS, Method()),
    "layer_drop": Method(takes=("layers", *CUT), needs=("layers",), epochs=3, reshapes=True),
    "distillation": Method(takes=("layers", "student", *CUT), needs=("layers", "student"), epochs=10, reshapes=True),
    "structured_pruning": Method(takes=("share", *CUT), needs=("share",), epochs=3, reshapes=True),
    "pruning": Method(takes=("share", *CUT), needs=("share",), epochs=3),
}
OPTIONS = ("share", "layers", "student", "epochs", "then")
RANGES = {
    "max_loss": (0.0, 1e12), "min_speedup": (0.0, 1e12), "share": (0.01, 0.99), "layers": (1, 1000), "epochs": (0, 100),
}  # fmt: skip
# Encoders whose layers and feed-forward width are each a number of their configuration, as transformers reads it back.
RESHAPED = ("bert", "camembert", "electra", "roberta", "xlm-roberta")
COMPRESSED = (
    (TEXT_CLASSIFICATION, "single-label"),
    (TEXT_CLASSIFICATION, "multi-label"),
    (TEXT_REGRESSION, "scored"),
    (TOKEN_CLASSIFICATION, "tagged"),
    (TEXT_MATCHING, "labelled-pairs"),
    (QUESTION_ANSWERING, "extractive"),
)


def given(asked: Compression) -> dict[str, Any]:
    """As it was asked for: without what was left open."""
    return {name: value for name, value in to_data(asked).items() if value is not None}


def faults_of_compression(asked: Compression, kind: str, form: str) -> list[Fault]:
    """What is wrong with it whatever the model is."""
    faults = []
    if (kind, form) not in COMPRESSED:
        message = f"Models for {kind} ({form}) are not compressed here. Leave compression out."
        faults.append(Fault(code="not_for_this_form", message=message, param="compression"))
    if kind in (TOKEN_CLASSIFICATION, QUESTION_ANSWERING) and asked.student is not None:
        message = f"Another base cuts texts into other tokens, which {kind} cannot be taught by. Give layers instead."
        faults.append(Fault(code="not_for_this_form", message=message, param="compression.student"))
    return [*faults, *_faults_of_method(asked), *_faults_of_numbers(asked)]


def _faults_of_method(asked: Compression) -> list[Fault]:
    if asked.method not in METHODS:
        return [_no_choice("method", METHODS, asked.method)]
    method, named = METHODS[asked.method], [name for name in OPTIONS if getattr(asked, name) is not None]
    faults = [
        Fault(
            code="not_for_this_method",
            message=f"{asked.method} takes no {name}. Leave it out.",
            param=f"compression.{name}",
        )
        for name in named
        if name not in method.takes
    ]
    if method.needs and len([name for name in named if name in method.needs]) != 1:
        either = " or ".join(method.needs)
        message = f"{asked.method} needs {either}{', one of them only' if len(method.needs) > 1 else ''}."
        faults.append(Fault(code="required", message=message, param=f"compression.{method.needs[0]}"))
    if asked.then is not None and asked.then not in EXPORTS:
        faults.append(_no_choice("then", EXPORTS, asked.then))
    return faults


def _faults_of_numbers(asked: Compression) -> list[Fault]:
    faults = []
    for name, (low, high) in RANGES.items():
        value = getattr(asked, name)
        if value is not None and not low <= value <= high:
            message = f"{name} must lie between {low:g} and {high:g}; {value:g} does not."
            faults.append(Fault(code="out_of_range", message=message, param=f"compression.{name}"))
    return faults


def _no_choice(name: str, choices: Any, value: str) -> Fault:
    message = f"{name} must be one of: {', '.join(choices)}; not {echo(value)}."
    return Fault(code="invalid_choice", message=message, param=f"compression.{name}")
