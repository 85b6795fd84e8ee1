"""Folders that a child offers, carried away in the background: the newest of its kind, one at a time.

Those that come meanwhile replace each other. What cannot be kept is logged, and the child goes on.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Generic, TypeVar

from django.db import InterfaceError, OperationalError, connections
from psycopg_pool import PoolTimeout

from contracts.child import Candidate, Checkpoint
from contracts.problems import Unavailable
from jobs.models import Job
from jobs.services.events import LostLease

logger = logging.getLogger(__name__)

Offered = TypeVar("Offered", Checkpoint, Candidate)


class Outgoing(Generic[Offered]):
    """`keep` is given the folder and the message that offered it, in a thread of its own."""

    def __init__(self, job: Job, work: Path, keep: Callable[[Path, Offered], object]) -> None:
        self._job, self._work = job, work
        self._keep: Callable[[Path, Offered], object] = keep
        self._lock = threading.Lock()
        self._next: tuple[Path, Offered] | None = None
        self._running: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="outgoing")

    def take(self, message: Offered) -> None:
        """The child deletes old folders by itself, so the files are linked aside first."""
        aside = self._work.parent / "outgoing" / message.type / f"step-{message.step}"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(self._work / message.path, aside, copy_function=os.link)
        except OSError as error:
            logger.warning("%s %s of %s cannot be read: %s", message.type, message.step, self._job.id, error)
            return
        with self._lock:
            if self._next is not None:
                shutil.rmtree(self._next[0], ignore_errors=True)
            self._next = (aside, message)
            if self._running is None or self._running.done():
                self._running = self._pool.submit(self._carry)

    def close(self, *, wait: bool) -> None:
        """`wait` False leaves what is on its way to itself."""
        self._pool.shutdown(wait=wait, cancel_futures=not wait)

    def _carry(self) -> None:
        try:
            while taken := self._take_next():
                self._try(*taken)
                shutil.rmtree(taken[0], ignore_errors=True)
        finally:
            connections["default"].close()

    def _take_next(self) -> tuple[Path, Offered] | None:
        with self._lock:
            taken, self._next = self._next, None
            if taken is None:
                self._running = None
            return taken

    def _try(self, folder: Path, message: Offered) -> None:
        try:
            self._keep(folder, message)
        except (Unavailable, OperationalError, InterfaceError, PoolTimeout, LostLease) as error:
            logger.warning("%s %s of %s was not kept: %s", message.type, message.step, self._job.id, error)
        except Exception:
            logger.exception("%s %s of %s was not kept", message.type, message.step, self._job.id)
