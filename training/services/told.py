"""What a tenant is told of a job that came to nothing, in the transaction of its end: events are named by its kind."""

from jobs.models import Job
from webhooks.services import events


def failed(job: Job) -> None:
    events.emit(type=f"{job.kind}.job.failed", data={"id": job.id, "error": job.error}, livemode=job.livemode)


def cancelled(job: Job) -> None:
    events.emit(type=f"{job.kind}.job.cancelled", data={"id": job.id}, livemode=job.livemode)
