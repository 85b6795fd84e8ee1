"""From the child's pipe to rows and objects: events in small batches, checkpoints in the background.

Hearing never waits: the database and the store are spoken to in threads of their own, so that however long one of them
hangs, the child's caps and cancellation are still watched.
"""

import logging
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from django.db import DataError, InterfaceError, OperationalError, connections
from psycopg_pool import PoolTimeout

from contracts.child import Checkpoint, Done, Event, Message, Metrics, ProblemMessage, Progress
from contracts.problems import Problem, Unavailable
from jobs.models import Job
from jobs.services import ending, events
from storage import blobs
from tenants.scoping import tenant_context

logger = logging.getLogger(__name__)

FLUSH_S = 0.5  # at most two progress events a second reach the table
MOST_KEPT = 5_000  # messages held back while the database is away; beyond, the oldest are dropped
CLOSE_S = 15.0  # a flush that hangs in a silent database is left to end by itself


class Report:
    """Hears one child. `done` and `problem` hold its last message, if it sent one."""

    def __init__(self, job: Job, work: Path, save: Callable[[Job, Path, int], str]) -> None:
        self.done: Done | None = None
        self.problem: Problem | None = None
        self._job = job
        self._kept: list[Event | Metrics | Progress] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._closing = threading.Event()
        self._checkpoints = _Checkpoints(job, work, save)
        self._scribe = threading.Thread(target=self._write, name=f"scribe-{job.id}", daemon=True)
        self._scribe.start()

    def hear(self, message: Message) -> None:
        if isinstance(message, Done):
            self.done = message
        elif isinstance(message, ProblemMessage):
            self.problem = Problem(message.code, message.message, faults=message.faults)
        elif isinstance(message, Checkpoint):
            self._checkpoints.take(message)
        else:
            self._keep(message)

    def _keep(self, message: Event | Metrics | Progress) -> None:
        with self._lock:
            if isinstance(message, Progress):  # only the newest tells anything
                self._kept = [kept for kept in self._kept if not isinstance(kept, Progress)]
            self._kept = [*self._kept, message][-MOST_KEPT:]

    def flush(self) -> None:
        """Writes what was heard and keeps it where that fails. Raises `LostLease` where the job is not ours."""
        with self._writing:
            with self._lock:
                batch, self._kept = self._kept, []
            try:
                if batch:
                    with tenant_context(self._job.tenant_id):
                        events.append(self._job, batch)
            except (DataError, ValueError):
                logger.exception("events of %s cannot be written and are left out", self._job.id)
            except BaseException:
                with self._lock:
                    self._kept = [*batch, *self._kept]
                raise

    def close(self, *, checkpoints: bool) -> None:
        """Ends the threads; `checkpoints` False leaves one that is on its way to itself."""
        self._closing.set()
        self._checkpoints.close(wait=checkpoints)
        self._scribe.join(timeout=CLOSE_S)

    def _write(self) -> None:
        while not self._closing.wait(FLUSH_S):
            try:
                self.flush()
            except (OperationalError, InterfaceError, PoolTimeout) as error:
                logger.warning("events of %s wait for the database: %s", self._job.id, error)
            except events.LostLease:
                break  # the heart hears of it too and ends the child
            finally:
                connections["default"].close()


class _Checkpoints:
    """Uploads the newest checkpoint, one at a time; those that come meanwhile replace each other."""

    def __init__(self, job: Job, work: Path, save: Callable[[Job, Path, int], str]) -> None:
        self._job, self._work, self._save = job, work, save
        self._lock = threading.Lock()
        self._next: tuple[Path, int] | None = None
        self._running: Future[None] | None = None
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")

    def take(self, message: Checkpoint) -> None:
        """The child deletes old checkpoints by itself, so the files are linked aside first."""
        aside = self._work.parent / "outgoing" / f"step-{message.step}"
        try:
            shutil.rmtree(aside, ignore_errors=True)
            shutil.copytree(self._work / message.path, aside, copy_function=os.link)
        except OSError as error:
            logger.warning("checkpoint %s of %s cannot be read: %s", message.step, self._job.id, error)
            return
        with self._lock:
            if self._next is not None:
                shutil.rmtree(self._next[0], ignore_errors=True)
            self._next = (aside, message.step)
            if self._running is None or self._running.done():
                self._running = self._pool.submit(self._upload)

    def close(self, *, wait: bool) -> None:
        self._pool.shutdown(wait=wait, cancel_futures=not wait)

    def _upload(self) -> None:
        try:
            while taken := self._take_next():
                self._keep(*taken)
                shutil.rmtree(taken[0], ignore_errors=True)
        finally:
            connections["default"].close()

    def _take_next(self) -> tuple[Path, int] | None:
        with self._lock:
            taken, self._next = self._next, None
            if taken is None:
                self._running = None
            return taken

    def _keep(self, folder: Path, step: int) -> None:
        before = self._job.checkpoint
        try:
            key = self._save(self._job, folder, step)
            ending.keep_checkpoint(self._job, key, step)
            self._job.checkpoint = key
            if before and before != key:
                blobs.delete_folder(before)
        except (Unavailable, OperationalError, InterfaceError, PoolTimeout, events.LostLease) as error:
            logger.warning("checkpoint %s of %s was not kept: %s", step, self._job.id, error)
        except Exception:
            logger.exception("checkpoint %s of %s was not kept", step, self._job.id)
