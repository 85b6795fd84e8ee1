"""The native protocol: `POST /v1/endpoints/{id}/predict`, as the API guide spells it."""

import re
from typing import Any

from contracts import error_body
from contracts.codec import to_json
from contracts.prediction import Prediction
from contracts.task import Form
from inference.runtime.ask import Answer
from inference.runtime.refusal import Refusal
from inference.runtime.surfaces.fields import ask_of
from inference.runtime.surfaces.surface import Request, Surface


def read(body: Any, form: Form, limit: int) -> Request:
    """`{"inputs": [...] | ..., "parameters"?: {"top_k"?}}`"""
    return Request(
        ask=ask_of(body, form, roots=("inputs", "parameters"), parameters=("top_k",), limit=limit), write=write
    )


def write(answer: Answer) -> bytes:
    """`{"predictions": [{"id", ...}], "model": "mdl_.."}`, beside the id what the kind answers, `prediction.Outcome`:
    `labels` with `label` (null where the task would rather have no answer) or `chosen`; `value`; `entities`;
    `embedding`.
    """
    return to_json({"predictions": [_told(one) for one in answer.predictions], "model": answer.model})


def refuse(refusal: Refusal, request_id: str) -> bytes:
    return to_json(error_body.body(refusal, refusal.status, request_id))


def _told(prediction: Prediction) -> dict[str, Any]:
    return {"id": prediction.id, **vars(prediction.outcome)}


NATIVE = Surface(name="native", path=re.compile(r"/v1/endpoints/([^/]+)/predict"), read=read, refuse=refuse)
