"""One address for every surface: the control plane answered here, the data plane handed on to the runtime.

In front of a large deployment an ingress does the same by the same prefixes (docs/operations.md); this keeps
`change the base URL, keep the code` true on one machine. Bodies are streamed both ways; hop-by-hop headers
(RFC 9110, 7.6.1) stay behind.
"""

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import httpx
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connection
from psycopg_pool import PoolTimeout

from config.asgi import application as control_plane

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

DATA_PLANE = re.compile(r"^/(hf/|v2(/|$)|cohere/|v1/endpoints/[^/]+/predict$|v1/embeddings$|v1/moderations$)")
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade host".split()
)
UNAVAILABLE = (
    b'{"error":{"type":"api_error","code":"unavailable","message":"The inference runtime is restarting; try again '
    b'shortly.","param":null,"errors":[]}}'
)
TIMEOUT = httpx.Timeout(60.0, connect=3.0)

_runtime: httpx.AsyncClient | None = None


def runtime() -> httpx.AsyncClient:
    """One pool of connections to the runtime, made inside the running loop."""
    global _runtime
    if _runtime is None:
        limits = httpx.Limits(max_connections=512, max_keepalive_connections=64)
        _runtime = httpx.AsyncClient(base_url=settings.RUNTIME_URL, timeout=TIMEOUT, limits=limits, trust_env=False)
    return _runtime


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await _lifespan(receive, send)
    elif scope["type"] == "http" and DATA_PLANE.match(scope["path"]):
        await _hand_on(scope, receive, send)
    else:
        await control_plane(dict(scope), receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            try:
                await sync_to_async(_try_database)()
            except ImproperlyConfigured as error:
                await send({"type": "lifespan.startup.failed", "message": str(error)})
                return
        if message["type"] == "lifespan.shutdown" and _runtime is not None:
            await _runtime.aclose()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return


def _try_database() -> None:
    """A wrong role is told at the start and not with the first request; a database that is away is waited for."""
    try:
        connection.ensure_connection()
    except (OperationalError, PoolTimeout) as error:
        logger.warning("the database is away: %s", error)
    finally:
        connection.close()


async def _hand_on(scope: Scope, receive: Receive, send: Send) -> None:
    query = scope["query_string"]
    request = runtime().build_request(
        scope["method"],
        httpx.URL(settings.RUNTIME_URL).copy_with(raw_path=scope["raw_path"] + (b"?" + query if query else b"")),
        headers=[(name, value) for name, value in scope["headers"] if name not in HOP_BY_HOP],
        content=_body(receive),
    )
    try:
        response = await runtime().send(request, stream=True)
    except httpx.TransportError:
        await _answer(send, 503, [(b"content-type", b"application/json"), (b"retry-after", b"2")], UNAVAILABLE)
        return
    headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in HOP_BY_HOP]
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    try:
        async for piece in response.aiter_raw():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        await response.aclose()
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        if body := message.get("body"):
            yield body
        if not message.get("more_body"):
            return


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
