"""From the child's pipe to rows and objects: events in small batches, folders in the background (`outgoing`).

Hearing never waits: the database and the store are spoken to in threads of their own, so that however long one of them
hangs, the child's caps and cancellation are still watched.
"""

import logging
import threading
from functools import partial
from pathlib import Path

from django.db import DataError, InterfaceError, OperationalError, connections
from psycopg_pool import PoolTimeout

from contracts.child import Candidate, Checkpoint, Done, Event, Message, Metrics, ProblemMessage, Progress
from contracts.problems import Problem
from jobs.handlers import Handler
from jobs.models import Job
from jobs.outgoing import Outgoing
from jobs.services import ending, events
from storage import blobs
from tenants.scoping import tenant_context

logger = logging.getLogger(__name__)

FLUSH_S = 0.5  # at most two progress events a second reach the table
MOST_KEPT = 5_000  # messages held back while the database is away; beyond, the oldest are dropped
CLOSE_S = 15.0  # a flush that hangs in a silent database is left to end by itself


class Report:
    """Hears one child. `done` and `problem` hold its last message, if it sent one."""

    def __init__(self, job: Job, work: Path, handler: Handler) -> None:
        self.done: Done | None = None
        self.problem: Problem | None = None
        self._job = job
        self._kept: list[Event | Metrics | Progress] = []
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._closing = threading.Event()
        self._handler = handler
        self._checkpoints = Outgoing[Checkpoint](job, work, self._keep_checkpoint)
        self._candidates = Outgoing[Candidate](job, work, partial(handler.save_candidate, job))
        self._scribe = threading.Thread(target=self._write, name=f"scribe-{job.id}", daemon=True)
        self._scribe.start()

    def hear(self, message: Message) -> None:
        if isinstance(message, Done):
            self.done = message
        elif isinstance(message, ProblemMessage):
            self.problem = Problem(message.code, message.message, faults=message.faults)
        elif isinstance(message, Checkpoint):
            self._checkpoints.take(message)
        elif isinstance(message, Candidate):
            self._candidates.take(message)
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

    def close(self, *, folders: bool) -> None:
        """Ends the threads; `folders` False leaves those that are on their way to themselves."""
        self._closing.set()
        for outgoing in (self._checkpoints, self._candidates):
            outgoing.close(wait=folders)
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

    def _keep_checkpoint(self, folder: Path, message: Checkpoint) -> None:
        before = self._job.checkpoint
        key = self._handler.save_checkpoint(self._job, folder, message.step)
        ending.keep_checkpoint(self._job, key, message.step)
        self._job.checkpoint = key
        if before and before != key:
            blobs.delete_folder(before)
