"""What a protocol is to the runtime: an address, a way in, a way out, and its words for a refusal."""

from collections.abc import Callable
from dataclasses import dataclass
from re import Pattern
from typing import Any

from inference.runtime.ask import Answer, Ask
from inference.runtime.refusal import Refusal


@dataclass(frozen=True, kw_only=True)
class Surface:
    """`path` holds the endpoint as its first group; `read` takes the parsed body and the most inputs allowed."""

    name: str
    path: Pattern[str]
    read: Callable[[Any, int], Ask]
    write: Callable[[Answer], bytes]
    refuse: Callable[[Refusal, str], bytes]  # the refusal, the request id
