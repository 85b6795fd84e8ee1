"""One attempt: a POST with a total time limit, a response cap and no redirects. Knows no database.

httpcore itself, not httpx: no redirects, no proxies from the environment, no cookies, no decompression (bombs), and
the connection comes from `network.GuardedBackend` alone.
"""

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpcore

from contracts.problems import Problem
from webhooks import guard, schedule
from webhooks.network import AddressRefused, GuardedBackend, NameUnknown, Resolve, resolve

TIMEOUT_S = 15.0  # in total: name, connection, TLS, request, answer
RESPONSE_LIMIT = 64 * 1024  # bytes read of an answer
EXCERPT = 1024  # bytes of it kept for the customer's eyes
GONE = 410
USER_AGENT = "Landfall-Webhooks/1"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """How an attempt ended. `error` None means delivered, otherwise it is a stable code; `status` where one came."""

    duration_ms: int
    status: int | None = None
    error: str | None = None
    excerpt: str = ""
    retry_after_s: int | None = None


@dataclass(frozen=True, kw_only=True)
class _Answer:
    status: int
    retry_after: str | None
    start: bytes


class Sender:
    """Opens one connection an attempt. `resolve` and `tls` can be given by tests that own the names."""

    def __init__(
        self,
        policy: guard.Policy,
        *,
        timeout_s: float = TIMEOUT_S,
        resolve: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._policy, self._timeout_s = policy, timeout_s
        self._network = GuardedBackend(policy, resolve)
        self._tls = tls or httpcore.default_ssl_context()

    async def send(self, url: str, *, headers: Mapping[str, str], body: bytes) -> Outcome:
        """POSTs `body` as it is. Every way a receiver can fail is an outcome; only faults of ours raise."""
        started = time.monotonic()
        answer, error = None, None
        try:
            async with asyncio.timeout(self._timeout_s):
                answer = await self._post(guard.target(url, self._policy), headers, body)
        except TimeoutError:
            error = "timeout"
        except (Problem, AddressRefused, NameUnknown, httpcore.ConnectError, httpcore.ConnectTimeout) as failure:
            error = _code(failure)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            error = "connection_lost"
        duration_ms = round((time.monotonic() - started) * 1000)
        return _judge(answer, duration_ms) if answer else Outcome(duration_ms=duration_ms, error=error)

    async def _post(self, target: guard.Target, headers: Mapping[str, str], body: bytes) -> _Answer:
        url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
        every = {
            "Host": target.authority,
            "User-Agent": USER_AGENT,
            "Accept": "*/*",
            "Content-Type": "application/json",
            **headers,
        }
        async with (
            httpcore.AsyncConnectionPool(
                ssl_context=self._tls, network_backend=self._network, max_keepalive_connections=0
            ) as pool,
            pool.stream("POST", url, headers=list(every.items()), content=body) as response,
        ):
            retry_after = next((value for name, value in response.headers if name.lower() == b"retry-after"), b"")
            start = await _beginning(response)
            return _Answer(status=response.status, retry_after=retry_after.decode("latin-1"), start=start)


async def _beginning(response: httpcore.Response) -> bytes:
    """At most the first `RESPONSE_LIMIT` bytes; what comes after is never read, the connection is closed on it."""
    parts, size = [], 0
    async for part in response.aiter_stream():
        parts.append(part)
        size += len(part)
        if size >= RESPONSE_LIMIT:
            break
    return b"".join(parts)[:RESPONSE_LIMIT]


def _judge(answer: _Answer, duration_ms: int) -> Outcome:
    delivered = 200 <= answer.status < 300
    redirected = 300 <= answer.status < 400
    return Outcome(
        duration_ms=duration_ms,
        status=answer.status,
        error=None if delivered else "redirect_not_followed" if redirected else "http_status",
        excerpt=answer.start[:EXCERPT].decode(errors="replace").replace("\0", "�"),  # PostgreSQL's text holds no NUL
        retry_after_s=schedule.retry_after_s(answer.status, answer.retry_after),
    )


def _code(failure: Exception) -> str:
    if isinstance(failure, Problem):
        return failure.code
    if isinstance(failure, AddressRefused):
        return "address_not_allowed"
    if isinstance(failure, NameUnknown):
        return "name_not_resolved"
    cause: BaseException | None = failure
    while cause is not None and not isinstance(cause, ssl.SSLError):
        cause = cause.__cause__ or cause.__context__
    return "connection_failed" if cause is None else "tls_failed"
