"""What a protocol is to the runtime: an address, a way in, a way out, and its words for a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from typing import Any

from contracts.task import Form
from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Request:
    """What was asked, and how its answer is to be written."""

    ask: Ask
    write: Callable[[Answer], bytes]


@dataclass(frozen=True, kw_only=True)
class Surface:
    """`path` holds the endpoint as its first group, or `endpoint` finds it in the parsed body. `read` takes the body,
    the form of the endpoint's task and the most inputs allowed."""

    name: str
    path: Pattern[str]
    read: Callable[[Any, Form, int], Request]
    refuse: Callable[[Refusal, str], bytes]  # the refusal, the request id
    endpoint: Callable[[Any], str] | None = None
