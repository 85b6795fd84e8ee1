"""The fields that JSON surfaces share: `inputs` and `parameters`. All faults are found at once."""

import difflib
from collections.abc import Collection
from typing import Any

from contracts.prediction import Parameters
from contracts.problems import Fault, echo
from contracts.task import MAX_LABELS, Form
from inference.runtime.ask import Ask
from inference.runtime.refusal import Invalid
from inference.runtime.surfaces import inputs

FUNCTIONS = ("softmax", "sigmoid", "none")


def ask_of(body: Any, form: Form, *, roots: Collection[str], parameters: Collection[str], limit: int) -> Ask:
    """The request in `body`, whose fields are `roots`, at most `limit` inputs, and `parameters`. Raises `Invalid`."""
    if not isinstance(body, dict):
        raise Invalid([Fault(code="wrong_type", message="The body must be a JSON object: {...}.")])
    chosen = body.get("parameters")
    found, wrong = inputs.read(body, form, limit)
    faults = [*unknown(body, roots, ""), *wrong, *_parameters_faults(chosen, parameters)]
    if faults:
        raise Invalid(faults)
    chosen = chosen or {}
    parameters_ = Parameters(top_k=chosen.get("top_k"), function=chosen.get("function_to_apply"))
    return Ask(inputs=found, parameters=parameters_)


def _parameters_faults(chosen: Any, known: Collection[str]) -> list[Fault]:
    if chosen is None:
        return []
    if not isinstance(chosen, dict):
        return [Fault(code="wrong_type", message="'parameters' must be an object.", param="parameters")]
    faults = unknown(chosen, known, "parameters.")
    top_k, function = chosen.get("top_k"), chosen.get("function_to_apply")
    if top_k is not None and (isinstance(top_k, bool) or not isinstance(top_k, int)):
        faults.append(Fault(code="wrong_type", message="top_k must be a whole number.", param="parameters.top_k"))
    elif top_k is not None and not 1 <= top_k <= MAX_LABELS:
        message = f"top_k must lie between 1 and {MAX_LABELS:,}; {echo(top_k)} does not."
        faults.append(Fault(code="out_of_range", message=message, param="parameters.top_k"))
    if "function_to_apply" in known and function is not None and function not in FUNCTIONS:
        message = f"function_to_apply must be one of {', '.join(FUNCTIONS)}, not {echo(function)}."
        faults.append(Fault(code="unknown_value", message=message, param="parameters.function_to_apply"))
    return faults


def unknown(found: dict[str, Any], known: Collection[str], prefix: str) -> list[Fault]:
    faults = []
    for key in list(found)[:100]:  # the first hundred say enough
        if key not in known:
            near = difflib.get_close_matches(key[:100], known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known fields: {', '.join(known)}."
            message = f"There is no field {echo(prefix + key)} here. {hint}"
            faults.append(Fault(code="unknown_field", message=message, param=(prefix + key)[:100]))
    return faults
