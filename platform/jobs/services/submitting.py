"""The requester's side: a job is accepted, held, admitted, refused or cancelled in the caller's transaction.

Nothing here touches the broker: a frozen Redis would hang the request. The NOTIFY reaches the dispatcher at commit.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection
from django.db.models import Case, Value, When
from django.db.models.functions import Now

from api.errors import Conflict
from contracts import ids
from contracts.problems import Problem
from jobs.models import Job
from jobs.models.job import TERMINAL, UNADMITTED, State
from jobs.services import events
from tenants import audit

CHANNEL = "landfall_jobs"
# What is given back to the queue rests where that was asked for: one statement, so that no claim comes between.
TO_THE_QUEUE: dict[str, Any] = {
    "state": Case(When(pause_requested=True, then=Value(State.PAUSED)), default=Value(State.QUEUED)),
    "paused_at": Case(When(pause_requested=True, then=Now()), default=None),
    "pause_requested": False,
}
BEFORE = {State.PAUSED: " while it rested", State.HELD: ""}  # that a job is cancelled
ENDED = {State.SUCCEEDED: "succeeded", State.FAILED: "failed", State.CANCELLED: "been cancelled"}


def submit(
    *,
    by: str,
    kind: str,
    prefix: str,
    queue: str,
    spec: Mapping[str, Any],
    livemode: bool = True,
    metadata: Mapping[str, str] | None = None,
    validating: bool = False,
) -> Job:
    """A new job in the caller's tenant context. `validating` holds it until `admit` or `refuse`."""
    state = State.VALIDATING if validating else State.QUEUED
    job: Job = Job.objects.create(
        id=ids.new(prefix), kind=kind, queue=queue, state=state, spec=dict(spec), livemode=livemode,
        metadata=dict(metadata or {}), created_by=by,
    )  # fmt: skip
    events.say(job, "The job waits for its data." if validating else "The job is queued.")
    notify(queue)
    return job


def hold(job: Job, why: str) -> None:
    """The job's own jobs go before it; `admit` or `refuse` ends that. Its time begins."""
    if Job.objects.filter(id=job.id, state=State.VALIDATING).update(state=State.HELD, started_at=Now()):
        job.refresh_from_db()
        events.say(job, why)


def admit(job: Job, why: str | None = None) -> None:
    """What the job waited for is there. `why`: told instead of that."""
    if Job.objects.filter(id=job.id, state__in=UNADMITTED).update(**TO_THE_QUEUE):
        job.refresh_from_db()
        events.say(job, why or f"The data is ready; the job is {job.state}.")
        notify(job.queue)


def refuse(job: Job, problem: Problem) -> bool:
    """What the job waited for will never be there. False where the job had ended before."""
    changed = Job.objects.filter(id=job.id, state__in=UNADMITTED).update(
        state=State.FAILED, error=told(problem), finished_at=Now(), pause_requested=False
    )
    if changed:
        job.refresh_from_db()
        events.say(job, problem.message, level="error")
    return bool(changed)


def cancel(*, by: str, job: Job) -> Job:
    """A waiting job ends here and now; the caller then does what its kind owes. Of a running one its worker hears
    within two seconds, and whatever that worker does, the job ends cancelled.

    Raises `Conflict` for a job that has ended: cancel wins or loses, never both.
    """
    row = unfinished(job)
    if row.state == State.RUNNING:
        Job.objects.filter(id=row.id).update(cancel_requested=True, pause_requested=False)
    else:
        Job.objects.filter(id=row.id).update(
            state=State.CANCELLED, cancel_requested=True, pause_requested=False, paused_at=None, finished_at=Now()
        )
        events.say(row, f"The job was cancelled{BEFORE.get(State(row.state), ' before it began')}.")
    audit.record(by=by, action="job.cancelled", target=row.id)
    row.refresh_from_db()
    return row


def unfinished(job: Job) -> Job:
    """The row as it is now, locked until the transaction ends. Raises `Conflict` for a job that has ended."""
    row: Job = Job.objects.select_for_update().get(id=job.id)
    if row.state in TERMINAL:
        raise Conflict(
            "job_already_finished", f"The job {row.id} has already {ENDED[State(row.state)]}; nothing was changed."
        )
    return row


def told(problem: Problem) -> dict[str, Any]:
    """A problem as the job's `error`: OpenAI's fields, then all faults."""
    faults = [{"code": f.code, "message": f.message, "param": f.param} for f in problem.faults]
    return {"code": problem.code, "message": problem.message, "param": problem.param, "errors": faults}


def notify(queue: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, queue])
