"""Hugging Face's inference protocol, as huggingface_hub 2.4 speaks it: `InferenceClient(model="<base>/hf/<endpoint>")`.

Of text classification the client reads the first list of a nested answer: a flat one silently loses results.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from contracts.codec import to_json
from contracts.prediction import Chosen, Entities, LabelScore, Number, Outcome, Parameters, Ranked, Vector
from contracts.problems import Fault
from contracts.task import EMBEDDED, FEATURES, TAGS, Form
from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Invalid, Refusal
from inference.runtime.surfaces import inputs
from inference.runtime.surfaces.fields import ask_of, unknown
from inference.runtime.surfaces.surface import Request, Surface

ROOTS = ("inputs", "parameters", "options")  # options ("wait_for_model"): older clients send it, nothing depends on it
ERROR_TYPES = {401: "authentication", 403: "authentication", 404: "not_found", 429: "overloaded", 503: "overloaded"}
OF_LABELS, OF_TAGS = ("top_k", "function_to_apply"), ("aggregation_strategy",)
OF_VECTORS = ("normalize", "truncate", "prompt_name")  # the client puts them at the root
STRATEGIES = ("none", "simple", "first", "average", "max")
SIMILAR = ("source_sentence", "sentences")
NUMBER = "score"  # the label that a number is answered under


def read(body: Any, form: Form, limit: int) -> Request:
    """`{"inputs": ..., "parameters"?: {...}}`, by form: texts with `top_k` and `function_to_apply`; tokens with
    `aggregation_strategy`; `{"text", "text_pair"}`; `{"source_sentence", "sentences"}`; texts with `normalize`;
    `{"table": {column: [...]}}`."""
    asked = body.get("inputs") if isinstance(body, dict) else None
    if form.name in EMBEDDED:
        if isinstance(asked, dict) and set(asked) & set(SIMILAR):
            return _similarity(body, limit)
        ask = ask_of(body, form, roots=(*ROOTS, *OF_VECTORS), parameters=OF_VECTORS, limit=limit)
        normalize = body.get("normalize", (body.get("parameters") or {}).get("normalize"))
        return Request(ask=replace(ask, parameters=Parameters(normalize=normalize is not False)), write=_listed)
    if form.of(FEATURES):
        return Request(ask=ask_of(_rows(body, limit), form, roots=ROOTS, parameters=(), limit=limit), write=_column)
    if form.name == "labelled-pairs":
        body = _pairs(body, form)
    if form.of(TAGS):
        ask = ask_of(body, form, roots=ROOTS, parameters=OF_TAGS, limit=limit)
        strategy = (body.get("parameters") or {}).get("aggregation_strategy", "simple")
        if strategy not in STRATEGIES:
            message = f"aggregation_strategy must be one of: {', '.join(STRATEGIES)}."
            raise Invalid([Fault(code="unknown_value", message=message, param="parameters.aggregation_strategy")])
        whole = strategy != "none"
        write = partial(_tagged, whole=whole, several=isinstance(asked, list))
        return Request(ask=replace(ask, parameters=Parameters(aggregate=whole)), write=write)
    return Request(ask=ask_of(body, form, roots=ROOTS, parameters=OF_LABELS, limit=limit), write=_listed)


def refuse(refusal: Refusal, request_id: str) -> bytes:
    error_type = ERROR_TYPES.get(refusal.status, "internal" if refusal.status >= 500 else "validation")
    sentences = " ".join(fault.message for fault in refusal.faults)
    return to_json({"error": sentences, "error_type": error_type})


def _similarity(body: dict[str, Any], limit: int) -> Request:
    """`{"inputs": {"source_sentence", "sentences"}}`: the cosine of each sentence with the source."""
    asked, faults = body["inputs"], unknown(body, ROOTS, "")
    faults += unknown(asked, SIMILAR, "inputs.")
    others = asked.get("sentences")
    if not isinstance(others, list) or not 0 < len(others) < limit:
        message = f"inputs.sentences must be a list of 1 to {limit - 1:,} texts."
        raise Invalid([*faults, Fault(code="wrong_type", message=message, param="inputs.sentences")])
    source = inputs.text(asked.get("source_sentence"), "inputs.source_sentence")
    found, wrong = inputs.texts(others, "inputs.sentences")
    faults += [*(source if isinstance(source, list) else []), *wrong]
    if faults or isinstance(source, list):
        raise Invalid(faults)
    return Request(ask=Ask(inputs=[source, *found], parameters=Parameters()), write=_cosines)


def _rows(body: Any, limit: int) -> Any:
    """`{"table": {"column": [cells]}}`, which older clients put under `inputs`, as one object a row."""
    asked = body.get("inputs", body) if isinstance(body, dict) else None
    table = asked.get("table") if isinstance(asked, dict) else None
    if table is None:
        return body
    heights = (
        {len(cells) if isinstance(cells, list) else -1 for cells in table.values()} if isinstance(table, dict) else {-1}
    )
    if len(heights) != 1 or not 0 < (height := heights.pop()) <= limit:
        message = f"table must hold a list of 1 to {limit:,} cells under the name of each column, all equally long."
        raise Invalid([Fault(code="wrong_type", message=message, param="table")])
    rest = {name: value for name, value in body.items() if name not in ("inputs", "table")}
    return {**rest, "inputs": [{name: cells[row] for name, cells in table.items()} for row in range(height)]}


def _pairs(body: Any, form: Form) -> Any:
    """The pipeline's `{"text", "text_pair"}` under the form's own names."""
    if not isinstance(body, dict):
        return body
    names = dict(zip(("text", "text_pair"), (role.name for role in form.inputs), strict=True))

    def named(one: Any) -> Any:
        return {names.get(key, key): value for key, value in one.items()} if isinstance(one, dict) else one

    asked = body.get("inputs")
    return {**body, "inputs": [named(one) for one in asked] if isinstance(asked, list) else named(asked)}


def _listed(answer: Answer) -> bytes:
    """One list an input, also for a single one."""
    return to_json([_told(prediction.outcome) for prediction in answer.predictions])


def _told(outcome: Outcome) -> Any:
    if isinstance(outcome, Ranked | Chosen):
        return outcome.labels
    if isinstance(outcome, Number):
        return [LabelScore(label=NUMBER, score=outcome.value)]
    return outcome.embedding if isinstance(outcome, Vector) else []


def _tagged(answer: Answer, *, whole: bool, several: bool) -> bytes:
    """A flat list for a single text, a list a text for several."""
    label = "entity_group" if whole else "entity"
    found: Sequence[Any] = [
        [
            {label: one.label, "score": one.score, "word": one.text, "start": one.start, "end": one.end}
            for one in prediction.outcome.entities
        ]
        for prediction in answer.predictions
        if isinstance(prediction.outcome, Entities)
    ]
    return to_json(found if several else found[0])


def _column(answer: Answer) -> bytes:
    """A label or a number a row."""
    return to_json(
        [
            one.outcome.label if isinstance(one.outcome, Ranked) else one.outcome.value
            for one in answer.predictions
            if isinstance(one.outcome, Ranked | Number)
        ]
    )


def _cosines(answer: Answer) -> bytes:
    vectors = np.array([one.outcome.embedding for one in answer.predictions if isinstance(one.outcome, Vector)])
    return to_json((vectors[1:] @ vectors[0]).tolist())


HUGGINGFACE = Surface(name="huggingface", path=re.compile(r"/hf/([^/]+)"), read=read, refuse=refuse)
