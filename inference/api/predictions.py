"""The runtime's calls as the OpenAPI document tells them.

Their addresses belong to the runtime: the front (`config.onebox`, or an ingress by the same rule) hands them on by
path, so that the web process stays without torch and out of the hot path. Customers still read one document for one
base URL, and that document is made from views; hence views that describe the calls and answer nobody. A request that
reaches one met a front that does not route: a fault of ours, 503, never a 404 that would say the endpoint is gone.
"""

from typing import Any, NoReturn

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from api.errors import ApiError
from contracts.task import MAX_LABELS
from tenants.views import TenantView

MOST_INPUTS = 256  # the runtime's limit a request

Schema = dict[str, Any]


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}


def _list(items: Schema, **more: int) -> Schema:
    return {"type": "array", "items": items, **more}


TEXT: Schema = {"type": "string"}
PAIR = _object({"text_a": TEXT, "text_b": TEXT}, "text_a", "text_b")
INPUT: Schema = {"oneOf": [TEXT, PAIR, _list(TEXT)], "description": "By kind: a text, a pair of texts, words."}
SCORE: Schema = {"type": "number"}
ENTITY = _object(
    {"label": TEXT, "score": SCORE, "text": TEXT, "start": {"type": "integer"}, "end": {"type": "integer"}}
)
LABELS = _list(_object({"label": TEXT, "score": SCORE}, "label", "score"))
ID: Schema = {"id": TEXT}
PREDICTION: Schema = {
    "oneOf": [
        _object({**ID, "labels": LABELS, "label": {"type": ["string", "null"]}}, "id", "labels", "label"),
        _object({**ID, "labels": LABELS, "chosen": _list(TEXT)}, "id", "labels", "chosen"),
        _object({**ID, "value": SCORE}, "id", "value"),
        _object({**ID, "entities": _list(ENTITY)}, "id", "entities"),
        _object({**ID, "embedding": _list(SCORE)}, "id", "embedding"),
    ]
}
TOP_K = {"top_k": {"type": "integer", "minimum": 1, "maximum": MAX_LABELS, "description": "Labels an input; else all."}}
ASK = _object(
    {"inputs": {"oneOf": [INPUT, _list(INPUT, minItems=1, maxItems=MOST_INPUTS)]}, "parameters": _object(TOP_K)},
    "inputs",
)
ANSWER = _object({"predictions": _list(PREDICTION), "model": TEXT}, "predictions", "model")

TEXTS: Schema = {"oneOf": [TEXT, _list(TEXT, minItems=1, maxItems=MOST_INPUTS)]}
MODEL: Schema = {**TEXT, "description": "Name or id of an endpoint, or id of the model behind it."}
FORMAT: Schema = {**TEXT, "enum": ["float", "base64"], "description": "base64: little-endian float32."}
EMBEDDINGS = _object({"model": MODEL, "input": TEXTS, "encoding_format": FORMAT}, "model", "input")
EMBEDDING = _object({"object": TEXT, "index": {"type": "integer"}, "embedding": {"oneOf": [_list(SCORE), TEXT]}})
EMBEDDED = _object({"object": TEXT, "data": _list(EMBEDDING), "model": TEXT, "usage": {"type": "object"}})


class RuntimeView(TenantView):
    scopes = {"POST": "predict"}
    own_context = True

    def elsewhere(self) -> NoReturn:
        message = "Predictions are answered by the inference runtime, which this address does not lead to now."
        raise ApiError(503, "runtime_elsewhere", message, headers={"Retry-After": "5"})


class PredictView(RuntimeView):
    @extend_schema(
        operation_id="predict", request={"application/json": ASK}, responses={(200, "application/json"): ANSWER}
    )
    def post(self, request: Request, endpoint_id: str) -> NoReturn:
        """One prediction an input, in order; what it holds follows from the endpoint's kind of task."""
        self.elsewhere()


class EmbeddingsView(RuntimeView):
    @extend_schema(
        operation_id="create_embeddings",
        request={"application/json": EMBEDDINGS},
        responses={(200, "application/json"): EMBEDDED},
    )
    def post(self, request: Request) -> NoReturn:
        """OpenAI's embeddings, by an endpoint whose task learns vectors: text-matching by scored pairs or triples."""
        self.elsewhere()
