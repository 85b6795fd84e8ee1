"""One attempt at one job, from claim to end. Read top to bottom: this is what a worker does.

Knows no kind of job. Every write is fenced by the attempt; `LostLease` means that someone else owns the job now, or
that a cancel was asked for first.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, connections
from psycopg_pool import PoolTimeout

from contracts import child as protocol
from contracts.child import Event
from contracts.problems import Problem, Unavailable
from jobs import child
from jobs.child import Caps, Outcome, Verdict
from jobs.handlers import Folders, Handler
from jobs.heart import Heart
from jobs.models import Job
from jobs.reporting import Report
from jobs.scratch import scratch
from jobs.services import claims, ending, events
from jobs.services.claims import Claim
from jobs.services.events import LostLease
from storage import blobs
from tenants.scoping import tenant_context

logger = logging.getLogger(__name__)

stopping = threading.Event()  # set when this worker was told to stop

PATIENCE_S = 600.0  # how long a store or database that is away is waited for before the attempt is given up
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
CAPS = {
    "memory_limit": "The job needed more memory than its plan's {} MB; use a smaller base model, batch or max_length.",
    "time_limit": "The job ran longer than its plan's {} seconds; use fewer epochs or fewer rows.",
    "process_limit": "The job started more than {} processes.",
}
AWAY = (Unavailable, OperationalError, InterfaceError, PoolTimeout)

T = TypeVar("T")


def drain(queue: str, worker: str, handlers: Mapping[str, Handler]) -> None:
    """Claims and runs jobs of the queue until none is left or the worker was told to stop."""
    while not stopping.is_set() and (claimed := claims.claim(queue=queue, worker=worker, kinds=handlers)):
        attempt(claimed, handlers)


def attempt(claimed: Claim, handlers: Mapping[str, Handler]) -> None:
    """One attempt. Ours to handle is every failure but the loss of the lease, which ends it silently."""
    heart = Heart(claimed)
    heart.start()
    try:
        _attempt(claimed, handlers, heart)
    except LostLease:
        logger.warning("job %s attempt %s: it is no longer ours, nothing was published", claimed.job, claimed.attempt)
    except Exception as error:
        logger.exception("job %s attempt %s failed", claimed.job, claimed.attempt)
        _give_up(claimed, handlers, heart, why=f"attempt {claimed.attempt}: {type(error).__name__}: {error}")
    finally:
        heart.rest()
        connections["default"].close()


def _attempt(claimed: Claim, handlers: Mapping[str, Handler], heart: Heart) -> None:
    job = patiently(lambda: begin(claimed), heart)
    handler = handlers[job.kind]
    try:
        with scratch(job.id, job.attempt) as folders:
            _work_or_refuse(job, handler, folders, heart)
    except LostLease:
        if not patiently(lambda: claims.look(claimed), heart).cancel:
            raise
        patiently(lambda: ending.stop(job, handler.cancelled), heart)
    except AWAY:
        if not _leaving(heart):
            raise
        ending.release(job)


def begin(claimed: Claim) -> Job:
    """The row as this attempt sees it, told to its owner."""
    with tenant_context(claimed.tenant):
        job: Job = Job.objects.get(id=claimed.job)
        if job.attempt != claimed.attempt:
            raise LostLease(job.id)
        start = f"goes on from step {job.checkpoint_step}" if job.checkpoint else "has started"
        events.append(job, [Event(message=f"The job {start}.", data={"attempt": job.attempt})])
    return job


def _work_or_refuse(job: Job, handler: Handler, folders: Folders, heart: Heart) -> None:
    """A `Problem` of the customer's ends the job at once: another attempt would meet it again."""
    try:
        _work(job, handler, folders, heart)
    except Problem as problem:
        patiently(partial(ending.fail, job, problem, handler.failed), heart)


def _work(job: Job, handler: Handler, folders: Folders, heart: Heart) -> None:
    # 1. Inputs, spec and command.
    argv = patiently(lambda: handler.prepare(job, folders), heart)
    command = [*argv, "--spec", str(folders.input / "spec.json"), "--input", str(folders.input)]
    command += ["--work", str(folders.work), "--output", str(folders.output)]

    # 2. The child runs to its end, or to ours.
    report = Report(job, folders.work, handler)
    try:
        outcome = child.run(
            command, home=folders.work.parent, hear=report.hear, watch=lambda: _verdict(heart),
            caps=Caps(memory_mb=settings.JOB_MEMORY_MB, time_s=settings.JOB_TIME_S),
        )  # fmt: skip
    finally:
        report.close(folders=not (heart.lost or heart.cancelled))
    if heart.lost or heart.cancelled:
        raise LostLease(job.id)
    patiently(report.flush, heart)

    # 3. The end, whichever it is.
    if outcome.cap:
        _fail_at_cap(job, handler, outcome, heart)
    elif outcome.code == protocol.PROBLEM and report.problem:
        raise report.problem
    elif outcome.code == protocol.DONE and report.done:
        _publish(job, handler, folders, report.done, heart)
    elif _leaving(heart):
        patiently(lambda: ending.release(job), heart)
    else:
        raise ChildCrashed(f"the child ended with status {outcome.code}\n{outcome.last_words}")


class ChildCrashed(Exception):
    """The child ended without a word that its protocol knows."""


def _verdict(heart: Heart) -> Verdict:
    """Asked several times a second while the child runs; never waits for anything."""
    if heart.lost or heart.cancelled:
        return Verdict.KILL
    return Verdict.STOP if _leaving(heart) else Verdict.GO_ON


def _leaving(heart: Heart) -> bool:
    """Whether the job is to be handed back: this worker was told to stop, or its owner wants it to rest."""
    return stopping.is_set() or heart.paused


def _fail_at_cap(job: Job, handler: Handler, outcome: Outcome, heart: Heart) -> None:
    limits = {"memory_limit": settings.JOB_MEMORY_MB, "time_limit": settings.JOB_TIME_S}
    cap = str(outcome.cap)
    problem = Problem(cap, CAPS[cap].format(limits.get(cap, child.MOST_PROCESSES)))
    patiently(lambda: ending.fail(job, problem, handler.failed, internal=outcome.last_words), heart)


def _publish(job: Job, handler: Handler, folders: Folders, done: protocol.Done, heart: Heart) -> None:
    """Files first, under a key of this attempt; then one transaction makes them count."""
    patiently(lambda: handler.collect(job, folders, done.summary), heart)
    patiently(lambda: ending.succeed(job, done.summary, handler.succeeded), heart)
    if job.checkpoint:
        try:
            blobs.delete_folder(job.checkpoint)
        except Unavailable as error:
            logger.warning("the last checkpoint of %s was left behind: %s", job.id, error)


def _give_up(claimed: Claim, handlers: Mapping[str, Handler], heart: Heart, *, why: str) -> None:
    """The attempt broke on our side. Where even that cannot be written down, the lease's end tells it."""
    try:
        patiently(lambda: ending.settle(claimed, handlers[claimed.kind], why=why), heart)
    except (LostLease, *AWAY) as error:
        logger.warning("job %s is left to the reconciler: %s", claimed.job, error)


def patiently(step: Callable[[], T], heart: Heart) -> T:
    """Runs a step again while a store or the database is away, as long as the job stays ours."""
    began, pauses = time.monotonic(), iter(PAUSES_S)
    while True:
        try:
            return step()
        except AWAY as error:
            connections["default"].close()
            if time.monotonic() - began > PATIENCE_S:
                raise
            logger.warning("waiting: %s: %s", type(error).__name__, error)
        if heart.lost:
            raise LostLease("while waiting")
        if heart.cancelled or heart.paused or stopping.wait(next(pauses, PAUSES_S[-1])):
            return step()  # once more; no time for another round
