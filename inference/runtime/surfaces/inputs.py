"""What stands under `inputs`, by the form of the task: texts, pairs of texts, words, rows. All faults at once."""

from collections.abc import Callable
from typing import Any

from contracts.problems import Fault, echo
from contracts.task import FEATURES, TEXT, TOKENS, Form
from inference.runtime.ask import Input, Pair, Row, Words

MOST_WORDS = 10_000  # of one text
MOST_FAULTS = 20  # of one row

Found = tuple[list[Input], list[Fault]]
Reader = Callable[[Any, str], Input | list[Fault]]  # of one value and its name: the input, or what is wrong with it


def read(body: dict[str, Any], form: Form, limit: int) -> Found:
    """Of a single input, or of a list of at most `limit`."""
    one, noun = _reader(form)
    if "inputs" not in body:
        return [], [Fault(code="missing", message=f"'inputs' is required: {noun} or a list of them.", param="inputs")]
    inputs = body["inputs"]
    if not isinstance(inputs, list):
        return _all([("inputs", inputs)], one) if isinstance(inputs, str | dict) else ([], [_neither(noun)])
    if not inputs:
        return [], [Fault(code="empty", message=f"'inputs' is empty; send at least {noun}.", param="inputs")]
    if len(inputs) > limit:
        message = f"'inputs' has {len(inputs):,} entries; send at most {limit:,} in one request."
        return [], [Fault(code="too_many_items", message=message, param="inputs")]
    return _all([(f"inputs[{index}]", value) for index, value in enumerate(inputs)], one)


def texts(values: list[Any], name: str) -> Found:
    """Each of them a text; `name` is the list's."""
    return _all([(f"{name}[{index}]", value) for index, value in enumerate(values)], text)


def text(value: Any, param: str) -> Input | list[Fault]:
    if not isinstance(value, str):
        return [Fault(code="wrong_type", message=f"{param} must be a string.", param=param)]
    if not value.strip():
        return [Fault(code="empty", message=f"{param} is empty; send a text or leave it out.", param=param)]
    return value


def _all(named: list[tuple[str, Any]], one: Reader) -> Found:
    found, faults = list[Input](), list[Fault]()
    for param, value in named:
        read = one(value, param)
        if isinstance(read, list):
            faults += read
        else:
            found.append(read)
    return found, faults


def _neither(noun: str) -> Fault:
    return Fault(code="wrong_type", message=f"'inputs' must be {noun} or a list of them.", param="inputs")


def _reader(form: Form) -> tuple[Reader, str]:
    """And what one input is called."""
    names = tuple(role.name for role in form.inputs if role.content == TEXT)
    if form.of(TOKENS):
        return _words, "a text"
    if form.of(FEATURES):
        return _row, "an object of columns"
    if len(names) < 2:
        return text, "a text"
    pair = f"an object with {names[0]} and {names[1]}"
    if form.name == "labelled-pairs":
        return lambda value, param: _pair(value, param, names[:2]), pair
    return lambda value, param: _text_or_pair(value, param, names[:2]), f"a text, or {pair},"


def _words(value: Any, param: str) -> Input | list[Fault]:
    if not isinstance(value, list):
        return text(value, param)
    if not value or len(value) > MOST_WORDS or not all(isinstance(word, str) and word.strip() for word in value):
        message = f"{param} must be a text, or a list of 1 to {MOST_WORDS:,} words, none of them empty."
        return [Fault(code="wrong_type", message=message, param=param)]
    return Words(tuple(value))


def _row(value: Any, param: str) -> Input | list[Fault]:
    if not isinstance(value, dict):
        message = f"{param} must be an object: a cell under the name of each column."
        return [Fault(code="wrong_type", message=message, param=param)]
    faults = [
        Fault(
            code="wrong_type",
            message=f"The cell {echo(name)} of {param} must be a text, a number, true, false or null.",
            param=f"{param}.{name}"[:100],
        )
        for name, cell in value.items()
        if isinstance(cell, dict | list)
    ]
    return faults[:MOST_FAULTS] or Row(value)


def _text_or_pair(value: Any, param: str, names: tuple[str, ...]) -> Input | list[Fault]:
    return _pair(value, param, names) if isinstance(value, dict) else text(value, param)


def _pair(value: Any, param: str, names: tuple[str, ...]) -> Input | list[Fault]:
    if not isinstance(value, dict):
        message = f"{param} must be an object with {names[0]} and {names[1]}."
        return [Fault(code="wrong_type", message=message, param=param)]
    faults = [
        Fault(code="unknown_field", message=f"There is no field {echo(key)} in {param}.", param=f"{param}.{key}"[:100])
        for key in list(value)[:100]
        if key not in names
    ]
    sides = [text(value.get(name), f"{param}.{name}") for name in names]
    faults += [fault for side in sides if isinstance(side, list) for fault in side]
    return faults or Pair(str(sides[0]), str(sides[1]))
