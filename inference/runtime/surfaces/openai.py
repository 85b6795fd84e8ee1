"""OpenAI's embeddings, as openai-python 3.54 asks for them: `POST /v1/embeddings`, the endpoint as `model`.

The SDK asks for base64 unless told otherwise: little-endian float32.
"""

import base64
import re
from functools import partial
from typing import Any

import numpy as np

from contracts.codec import to_json
from contracts.prediction import Parameters, Vector
from contracts.problems import Fault
from contracts.task import EMBEDDED, TEXT_MATCHING, Form
from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Invalid
from inference.runtime.surfaces import inputs
from inference.runtime.surfaces.fields import unknown
from inference.runtime.surfaces.native import refuse
from inference.runtime.surfaces.surface import Request, Surface

FIELDS = ("model", "input", "encoding_format", "dimensions", "user")
FORMATS = ("float", "base64")


def endpoint(body: Any) -> str:
    model = body.get("model") if isinstance(body, dict) else None
    if not isinstance(model, str) or not model:
        message = "'model' is required: the name or id of an endpoint, or the id of the model behind it."
        raise Invalid([Fault(code="missing", message=message, param="model")])
    return model


def read(body: Any, form: Form, limit: int) -> Request:
    """`{"model", "input": "..." | ["..."], "encoding_format"?: "float" | "base64"}`"""
    faults, given = unknown(body, FIELDS, ""), body.get("input")
    if form.name not in EMBEDDED:
        message = f"This endpoint answers no vectors: they are learnt by {TEXT_MATCHING} ({' or '.join(EMBEDDED)})."
        faults.append(Fault(code="wrong_endpoint", message=message, param="model"))
    if body.get("encoding_format", "float") not in FORMATS:
        message = f"encoding_format must be one of: {', '.join(FORMATS)}."
        faults.append(Fault(code="unknown_value", message=message, param="encoding_format"))
    if body.get("dimensions") is not None:
        message = "This model's vectors have one length; leave dimensions out."
        faults.append(Fault(code="unknown_value", message=message, param="dimensions"))
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not 0 < len(texts) <= limit:
        message = f"'input' must be a text or a list of 1 to {limit:,} texts."
        raise Invalid([*faults, Fault(code="wrong_type", message=message, param="input")])
    found, wrong = inputs.texts(texts, "input")
    if faults + wrong:
        raise Invalid(faults + wrong)
    told = partial(write, name=body["model"], packed=body.get("encoding_format") == "base64")
    return Request(ask=Ask(inputs=found, parameters=Parameters()), write=told)


def write(answer: Answer, *, name: str, packed: bool) -> bytes:
    """OpenAI's list of embeddings, in the order of the texts."""
    vectors = [one.outcome.embedding for one in answer.predictions if isinstance(one.outcome, Vector)]
    data = [
        {"object": "embedding", "index": index, "embedding": _packed(vector) if packed else vector}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": answer.tokens, "total_tokens": answer.tokens}
    return to_json({"object": "list", "data": data, "model": name, "usage": usage})


def _packed(vector: tuple[float, ...]) -> str:
    return base64.b64encode(np.array(vector, dtype="<f4").tobytes()).decode()


EMBEDDINGS = Surface(name="openai", path=re.compile(r"/v1/embeddings"), read=read, refuse=refuse, endpoint=endpoint)
