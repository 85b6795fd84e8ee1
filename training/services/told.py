"""What a tenant is told of a fine-tune that came to nothing, in the transaction of its end."""

from jobs.models import Job
from webhooks.services import events


def failed(job: Job) -> None:
    events.emit(type="fine_tuning.job.failed", data={"id": job.id, "error": job.error}, livemode=job.livemode)


def cancelled(job: Job) -> None:
    events.emit(type="fine_tuning.job.cancelled", data={"id": job.id}, livemode=job.livemode)
