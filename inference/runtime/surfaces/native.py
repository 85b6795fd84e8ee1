"""The native protocol: `POST /v1/endpoints/{id}/predict`, as the API guide spells it."""

import re
from typing import Any

from contracts import error_body
from contracts.codec import to_json
from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Refusal
from inference.runtime.surfaces.fields import ask_of
from inference.runtime.surfaces.surface import Surface


def read(body: Any, limit: int) -> Ask:
    """`{"inputs": ["..."] | "...", "parameters"?: {"top_k"?}}`"""
    return ask_of(body, roots=("inputs", "parameters"), parameters=("top_k",), limit=limit)


def write(answer: Answer) -> bytes:
    """`{"predictions": [{"id", "labels": [{"label", "score"}], "label"}], "model": "mdl_.."}`

    `label` is what the task's decision answers, null where it would rather have no answer.
    """
    return to_json({"predictions": answer.predictions, "model": answer.model})


def refuse(refusal: Refusal, request_id: str) -> bytes:
    return to_json(error_body.body(refusal, refusal.status, request_id))


NATIVE = Surface(
    name="native", path=re.compile(r"/v1/endpoints/([^/]+)/predict"), read=read, write=write, refuse=refuse
)
