"""Hugging Face's inference protocol, as huggingface_hub 2.4 speaks it: `InferenceClient(model="<base>/hf/<endpoint>")`.

The client reads the first list of a nested answer: a flat one silently loses results.
"""

import re
from typing import Any

from contracts.codec import to_json
from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Refusal
from inference.runtime.surfaces.fields import ask_of
from inference.runtime.surfaces.surface import Surface

ROOTS = ("inputs", "parameters", "options")  # options ("wait_for_model"): older clients send it, nothing depends on it
ERROR_TYPES = {401: "authentication", 403: "authentication", 404: "not_found", 429: "overloaded", 503: "overloaded"}


def read(body: Any, limit: int) -> Ask:
    """`{"inputs": "..." | ["..."], "parameters"?: {"top_k"?, "function_to_apply"?}}`"""
    return ask_of(body, roots=ROOTS, parameters=("top_k", "function_to_apply"), limit=limit)


def write(answer: Answer) -> bytes:
    """`[[{"label", "score"}, ...], ...]`: one list of labels a text, also for a single text."""
    return to_json([prediction.labels for prediction in answer.predictions])


def refuse(refusal: Refusal, request_id: str) -> bytes:
    error_type = ERROR_TYPES.get(refusal.status, "internal" if refusal.status >= 500 else "validation")
    sentences = " ".join(fault.message for fault in refusal.faults)
    return to_json({"error": sentences, "error_type": error_type})


HUGGINGFACE = Surface(name="huggingface", path=re.compile(r"/hf/([^/]+)"), read=read, write=write, refuse=refuse)
