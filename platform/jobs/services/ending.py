"""How an attempt ends: one transaction, fenced by the attempt, with what the ending means in the rooms above.

Whoever no longer owns the job hears `LostLease` and has changed nothing. A cancel that was asked for before wins over
every other ending: those raise `LostLease` too, and `stop` is what is left.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db.models.functions import Now

from contracts.problems import Problem
from jobs.handlers import Handler
from jobs.models import Job
from jobs.models.job import State
from jobs.services import claims, events
from jobs.services.events import LostLease
from jobs.services.submitting import told
from tenants.scoping import tenant_context

EXHAUSTED = "The job was tried {} times and could not be finished. It is parked; our staff has the evidence."


def succeed(job: Job, summary: Mapping[str, Any], publish: Callable[[Job, dict[str, Any]], object]) -> None:
    """`publish` writes the artifact's row and events; they exist if and only if the job has succeeded."""
    with tenant_context(job.tenant_id):
        _move(job, State.SUCCEEDED, cancelled=False, summary=dict(summary))
        publish(job, dict(summary))
        events.say(job, "The job has succeeded.")


def fail(job: Job, problem: Problem, tell: Callable[[Job], object], *, internal: str = "") -> None:
    """`problem` is what the customer reads, `internal` what staff reads."""
    with tenant_context(job.tenant_id):
        _move(job, State.FAILED, cancelled=False, error=told(problem), internal_error=internal or job.internal_error)
        tell(job)
        events.say(job, problem.message, level="error")


def stop(job: Job, tell: Callable[[Job], object]) -> None:
    """The cancel that was asked for has been carried out."""
    with tenant_context(job.tenant_id):
        _move(job, State.CANCELLED, cancelled=True)
        tell(job)
        events.say(job, "The job was cancelled.")


def settle(claimed: claims.Claim, handler: Handler, *, why: str, only_if_expired: bool = False) -> None:
    """An attempt came to nothing: cancelled if that was asked for, parked if it was the last one, else queued again.

    `only_if_expired` is for whoever found a lease run out: it may have been prolonged since.
    """
    with tenant_context(claimed.tenant):
        owned = Job.objects.filter(id=claimed.job, attempt=claimed.attempt, state=State.RUNNING)
        if only_if_expired:
            owned = owned.filter(lease_until__lt=Now())
        job = owned.select_for_update().first()
        if job is None:
            raise LostLease(claimed.job)
        if job.cancel_requested:
            stop(job, handler.cancelled)
        elif job.charged >= settings.MAX_ATTEMPTS:
            fail(job, Problem("attempts_exhausted", EXHAUSTED.format(job.charged)), handler.failed, internal=why)
        else:
            claims.hand_back(job, charge=True, why=why)
            events.say(job, "The attempt was interrupted; the job will be tried again.", level="warn")
            _tell_rest(job)


def release(job: Job) -> None:
    """The worker was told to stop, or the job to rest: another goes on from the last checkpoint, and the attempt is not
    charged."""
    with tenant_context(job.tenant_id):
        if not claims.hand_back(job, charge=False):
            raise LostLease(job.id)
        _tell_rest(job)


def hold(job: Job) -> None:
    """Nothing else happens to the job until the transaction ends. Raises `LostLease` where it is not this attempt's."""
    owned = Job.objects.filter(id=job.id, attempt=job.attempt, state=State.RUNNING)
    if owned.select_for_update().first() is None:
        raise LostLease(job.id)


def keep_checkpoint(job: Job, key: str, step: int) -> None:
    """From now on another attempt resumes from here."""
    with tenant_context(job.tenant_id):
        owned = Job.objects.filter(id=job.id, attempt=job.attempt, state=State.RUNNING)
        if owned.update(checkpoint=key, checkpoint_step=step) != 1:
            raise LostLease(job.id)


def _move(job: Job, state: State, *, cancelled: bool, **values: Any) -> None:
    owned = Job.objects.filter(id=job.id, attempt=job.attempt, state=State.RUNNING, cancel_requested=cancelled)
    if owned.update(state=state, pause_requested=False, lease_until=None, finished_at=Now(), **values) != 1:
        raise LostLease(job.id)
    job.refresh_from_db()


def _tell_rest(job: Job) -> None:
    job.refresh_from_db()
    if job.state == State.PAUSED:
        since = f"goes on from step {job.checkpoint_step:,}" if job.checkpoint else "begins anew"
        events.say(job, f"The job is paused; once resumed it {since}.")
