"""One HTTP exchange over ASGI (its HTTP spec 2.3): reading within limits, answering, noticing goodbyes.

Knows no surface and no model.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from inference.runtime.refusal import Refusal

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
T = TypeVar("T")

JSON = "application/json"
DRAIN_BYTES = 8 << 20  # read and thrown away of a body that is too large, so that its sender reads the answer


class ClientGone(Exception):
    """Nobody waits for the answer any more."""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def header(scope: Scope, name: bytes) -> str | None:
    """The header's value; where it was sent several times, all of them joined by ', ' (RFC 9110, 5.3)."""
    values = [value.decode("latin-1") for key, value in scope["headers"] if key == name]
    return ", ".join(values) if values else None


async def respond(send: Send, response: Response) -> None:
    headers = {"Content-Type": response.content_type, "Content-Length": str(len(response.body)), **response.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": response.status, "headers": raw})
    await send({"type": "http.response.body", "body": response.body})


async def read_json(scope: Scope, receive: Receive, *, limit: int, seconds: float) -> bytes:
    """The body of a JSON request. Raises `Refusal` 408, 413 or 415, and `ClientGone`."""
    _check_type(scope)
    declared = header(scope, b"content-length") or ""
    if declared.isdecimal() and int(declared) > limit + DRAIN_BYTES:
        raise _too_large(limit)
    try:
        async with asyncio.timeout(seconds):
            return await _read(receive, limit)
    except TimeoutError as error:
        message = f"The body did not arrive within {seconds:g} s."
        raise Refusal(408, "request_timeout", message, headers={"Connection": "close"}) from error


async def _read(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        size += len(message["body"])
        if size <= limit:
            parts.append(message["body"])
        elif size > limit + DRAIN_BYTES:
            break
        more = message["more_body"]
    if size > limit:
        raise _too_large(limit)
    return b"".join(parts)


def _check_type(scope: Scope) -> None:
    kind, _, parameters = (header(scope, b"content-type") or "").partition(";")
    name, _, charset = parameters.strip().partition("=")
    if kind.strip().lower() != JSON or (name.lower() == "charset" and charset.strip('" ').lower() != "utf-8"):
        raise Refusal(415, "unsupported_media_type", f"Send the body as '{JSON}', in UTF-8.")
    if header(scope, b"content-encoding") not in (None, "identity"):
        raise Refusal(415, "unsupported_encoding", "Send the body uncompressed.")


def _too_large(limit: int) -> Refusal:
    message = f"A request body may have at most {limit:,} bytes; send the inputs in several requests."
    return Refusal(413, "body_too_large", message, headers={"Connection": "close"})


async def unless_gone(receive: Receive, work: Coroutine[Any, Any, T]) -> T:
    """`work`'s result; where the client hangs up first, `work` is cancelled and `ClientGone` raised.

    To be called after the body was read: the next message can only be the goodbye.
    """
    task = asyncio.ensure_future(work)
    goodbye = asyncio.ensure_future(receive())
    try:
        await asyncio.wait({task, goodbye}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGone
        return task.result()
    finally:
        goodbye.cancel()
        task.cancel()  # without effect where it is done
