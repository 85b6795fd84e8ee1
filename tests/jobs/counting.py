"""A kind of job for tests: counts steps in `tests.jobs.program`; a webhook event stands for what it publishes."""

import json
import sys
from pathlib import Path
from typing import Any

from contracts.problems import Problem
from jobs import services
from jobs.handlers import Folders, Handler
from jobs.models import Job
from storage import blobs, keys
from tenants.models import Tenant
from tenants.scoping import tenant_context
from tests.jobs.hearing import PROGRAM
from webhooks.models import Event
from webhooks.services import events

KIND, QUEUE = "counting", "counting"


def submit(tenant: Tenant, **spec: Any) -> Job:
    """A committed job; `spec` is the program's."""
    with tenant_context(tenant.id):
        return services.submit(by="system:test", kind=KIND, prefix="ftjob", queue=QUEUE, spec=spec)


def fresh(job: Job) -> Job:
    """The row as it is now."""
    with tenant_context(job.tenant_id):
        found: Job = Job.objects.get(id=job.id)
        return found


def code(job: Job) -> str | None:
    """Of the error that the customer reads."""
    return job.error["code"] if job.error else None


def told(job: Job) -> list[str]:
    """What the owner reads, oldest first, progress and metrics left out."""
    with tenant_context(job.tenant_id):
        rows = services.events.of(job).filter(type="message").order_by("number")
        return [row.message for row in rows]


def published(job: Job) -> list[str]:
    """The types of the webhook events that tell of this job's end: exactly one, whatever happened."""
    with tenant_context(job.tenant_id):
        rows = [event for event in Event.objects.order_by("id") if event.content["data"]["id"] == job.id]
        return [row.type for row in rows]


def prepare(job: Job, folders: Folders) -> list[str]:
    if job.spec.get("refused"):
        raise Problem("file_missing", "The file is gone; upload it again.")
    if job.checkpoint:
        blobs.download_folder(job.checkpoint, folders.input / "checkpoint")
    (folders.input / "spec.json").write_text(json.dumps({**job.spec, "attempt": job.attempt}))
    return [sys.executable, "-I", "-S", PROGRAM]


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    blobs.upload_folder(folders.output, keys.model(job.tenant_id, job.id, job.attempt))


def save_checkpoint(job: Job, folder: Path, step: int) -> str:
    key = keys.checkpoint(job.tenant_id, job.id, job.attempt, step)
    blobs.upload_folder(folder, key)
    return key


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    _tell(job, "fine_tuning.job.succeeded")


def failed(job: Job) -> None:
    _tell(job, "fine_tuning.job.failed")


def cancelled(job: Job) -> None:
    _tell(job, "fine_tuning.job.cancelled")


def _tell(job: Job, kind: str) -> None:
    events.emit(type=kind, data={"id": job.id}, livemode=True)


HANDLERS = {
    KIND: Handler(
        prepare=prepare,
        collect=collect,
        succeeded=succeeded,
        failed=failed,
        cancelled=cancelled,
        save_checkpoint=save_checkpoint,
    )
}
