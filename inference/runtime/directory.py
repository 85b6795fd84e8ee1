"""Who calls and where an endpoint leads: the questions the runtime asks the house, and a short memory before them.

Knows no database: the entry point passes something that answers.
"""

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Generic, Protocol, TypeVar

from contracts.prediction import Placement, Principal
from contracts.problems import Unavailable
from inference.runtime.refusal import Refusal, retry_after

V = TypeVar("V")

REMEMBERED = 10_000  # answers kept; a flood of invented keys must not grow the process
NAME_CHARACTERS = 200  # no endpoint has a longer name


class DirectoryUnavailable(Refusal):
    def __init__(self) -> None:
        message = "The service is momentarily unavailable; nothing was predicted. Try again shortly."
        super().__init__(503, "unavailable", message, headers=retry_after(5))


class Directory(Protocol):
    """Raises `Unavailable` where its store cannot be asked now; callers hear 503 and come again."""

    async def authenticate(self, secret: str) -> Principal | None:
        """The principal behind a key; None where it is malformed, unknown, revoked or expired."""

    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        """Where an endpoint id (`ep_...`) or name leads; None where it is unknown, foreign or without a release."""


class CachedDirectory:
    """A `Directory` that remembers each answer, also None, for `ttl_s` seconds and asks each question once at a time.

    Keys are remembered by digest: a secret does not outlive its request in memory.
    """

    def __init__(self, directory: Directory, *, ttl_s: float) -> None:
        self._directory = directory
        self._principals = _Memory[Principal | None](ttl_s)
        self._placements = _Memory[Placement | None](ttl_s)

    async def authenticate(self, secret: str) -> Principal | None:
        digest = hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()
        return await self._principals.get((digest,), lambda: self._directory.authenticate(secret))

    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        if len(endpoint) > NAME_CHARACTERS or not endpoint.isprintable():
            return None  # nothing is called that, and no store needs to be asked about NUL or half characters
        return await self._placements.get((tenant, endpoint), lambda: self._directory.resolve(tenant, endpoint))


class _Memory(Generic[V]):
    """Answers with their time of death, oldest first; questions under way are shared."""

    def __init__(self, ttl_s: float) -> None:
        self._ttl_s = ttl_s
        self._answers: dict[tuple[str, ...], tuple[float, V]] = {}
        self._asking: dict[tuple[str, ...], asyncio.Task[V]] = {}

    async def get(self, key: tuple[str, ...], ask: Callable[[], Awaitable[V]]) -> V:
        known = self._answers.get(key)
        if known is not None and known[0] > time.monotonic():
            return known[1]
        task = self._asking.get(key)
        if task is None:
            task = self._asking[key] = asyncio.create_task(self._ask(key, ask))
        try:
            return await asyncio.shield(task)  # one caller hanging up must not take the question from the others
        except Unavailable as error:
            raise DirectoryUnavailable from error

    async def _ask(self, key: tuple[str, ...], ask: Callable[[], Awaitable[V]]) -> V:
        try:
            asked = time.monotonic()  # the answer is as old as its question
            answer = await ask()
        finally:
            del self._asking[key]
        self._answers.pop(key, None)
        self._answers[key] = (asked + self._ttl_s, answer)
        while len(self._answers) > REMEMBERED:
            del self._answers[next(iter(self._answers))]
        return answer
