"""Answers predictions: `python -m workers.runtime`. Run as many as wanted, each with a LANDFALL_STATE of its own.

Gives `inference.runtime`, which knows no Django, the house's answers: whose key is this, where does this endpoint
lead, fetch this artifact. The event loop never asks by itself: questions run in threads, few and with a time limit, so
that a database which is away or silent costs callers a 503 and no other process anything. On SIGTERM it stops taking
connections, finishes what it has begun, and goes.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import uvicorn  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import InterfaceError, OperationalError, connections  # noqa: E402

from api import authentication  # noqa: E402
from contracts.prediction import Placement, Principal  # noqa: E402
from contracts.problems import Unavailable  # noqa: E402
from inference.runtime.app import build  # noqa: E402
from inference.runtime.settings import Settings  # noqa: E402
from inference.services import placements  # noqa: E402
from storage import blobs  # noqa: E402

logger = logging.getLogger("workers.runtime")

ASKING = 8  # questions to the database at once; below the connections a process may keep
QUESTION_S = 5.0  # then its callers hear 503
GRACE_S = 10.0  # for requests under way when told to stop; below the fifteen seconds its supervisor allows

T = TypeVar("T")


class House:
    """The runtime's `Directory`, answered by the database."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(ASKING, thread_name_prefix="directory")

    async def authenticate(self, secret: str) -> Principal | None:
        return await self._ask(lambda: authentication.find(secret))

    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        return await self._ask(lambda: placements.find(UUID(tenant), endpoint))

    async def _ask(self, question: Callable[[], T]) -> T:
        """Raises `Unavailable` where the database does not answer, or not in time."""
        try:
            async with asyncio.timeout(QUESTION_S):
                return await asyncio.get_running_loop().run_in_executor(self._threads, _tidily, question)
        except (OperationalError, InterfaceError, TimeoutError) as error:
            raise Unavailable(f"the database does not answer: {type(error).__name__}: {error}") from error


def _tidily(question: Callable[[], T]) -> T:
    """Gives the thread's connection back to the pool, so that a broken one is never met twice."""
    try:
        return question()
    finally:
        connections.close_all()


def fetch(placement: Placement, into: Path) -> None:
    """The artifact's files from the store, manifest.json last."""
    started = time.monotonic()
    blobs.download_folder(placement.prefix, into)
    logger.info(
        "model %s of tenant %s fetched in %.2f s", placement.model, placement.tenant, time.monotonic() - started
    )


def main() -> None:
    app = build(House(), fetch, Settings(cache=settings.STATE / "runtime-cache"))
    config = uvicorn.Config(
        app,
        host=settings.RUNTIME_HOST,
        port=settings.RUNTIME_PORT,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        log_config=None,  # Django's: secrets are kept out of it
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=round(GRACE_S),
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
