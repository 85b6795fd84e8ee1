"""A job rests and goes on as its owner asks. The row's lock decides between this, a claim, a cancel and an end."""

from django.db.models.functions import Now

from api.errors import Conflict
from jobs.models import Job
from jobs.models.job import State
from jobs.services import events
from jobs.services.submitting import notify, unfinished
from tenants import audit

ONCE = {
    State.VALIDATING: "The job pauses once its data is ready.",
    State.HELD: "The job pauses once its search has ended; trials go on until then.",
    State.RUNNING: "The job pauses after a checkpoint.",
}


def pause(*, by: str, job: Job) -> Job:
    """A queued job rests at once. A running one is handed back with a checkpoint within seconds, unless it ends before
    that; one that waits for its data, or its search, rests when that is there. What rests already is left as it is.

    Raises `Conflict` for a job that has ended or was told to.
    """
    row = unfinished(job)
    if row.cancel_requested:
        raise Conflict("job_being_cancelled", f"The job {row.id} is being cancelled; it cannot rest.")
    if row.state == State.PAUSED or row.pause_requested:
        return row
    if row.state == State.QUEUED:
        _set(row, state=State.PAUSED, paused_at=Now())
        events.say(row, "The job is paused.")
    else:
        _set(row, pause_requested=True)
        events.say(row, ONCE[State(row.state)])
    return _recorded(row, by=by, action="job.paused")


def resume(*, by: str, job: Job) -> Job:
    """To the queue again, at once; a pause that was not carried out yet is taken back. What does not rest is left as it
    is. Raises `Conflict` for a job that has ended."""
    row = unfinished(job)
    if row.state == State.PAUSED:
        _set(row, state=State.QUEUED, paused_at=None, not_before=Now())
        events.say(row, "The job is queued again.")
        notify(row.queue)
    elif row.pause_requested:
        _set(row, pause_requested=False)
        events.say(row, "The pause was taken back.")
    else:
        return row
    return _recorded(row, by=by, action="job.resumed")


def _set(row: Job, **values: object) -> None:
    Job.objects.filter(id=row.id).update(**values)


def _recorded(row: Job, *, by: str, action: str) -> Job:
    audit.record(by=by, action=action, target=row.id)
    row.refresh_from_db()
    return row
