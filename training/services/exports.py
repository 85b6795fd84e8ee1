"""Exports: a version written as CSV or JSON lines by a job, fetched straight from the store."""

import sys
import time
from typing import Any

from django.db.models import QuerySet

from api.errors import Conflict, NotFound
from contracts.codec import to_json
from contracts.exporting import ExportSpec
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from storage import blobs, keys, presign
from tenants import audit
from tenants.scoping import tenant_context
from training.models import DatasetVersion, Export
from training.services.datasets import DATA, DOWNLOAD_S

KIND, QUEUE = "export", "cpu"


def create(*, by: str, version: DatasetVersion, form: str, live: bool = True) -> Export:
    export = Export(version=version, format=form)
    export.job = jobs.submit(
        by=by, kind=KIND, prefix="expjob", queue=QUEUE, livemode=live, metadata={}, spec={"export": export.id}
    )
    export.save()
    audit.record(by=by, action="export.created", target=export.id, version=version.id)
    return export


def listed() -> QuerySet[Export]:
    rows: QuerySet[Export] = Export.objects.select_related("job", "version")
    return rows


def get(key: str) -> Export:
    """Raises `NotFound` for an absent or foreign id."""
    row: Export | None = listed().filter(id=key).first()
    if row is None:
        raise NotFound("export", key)
    return row


def address(export: Export) -> dict[str, Any]:
    """Where it can be fetched for a while. Raises `Conflict` while it is written, or where that failed."""
    if not export.key:
        raise Conflict("export_not_ready", f"The export {export.id} is {export.status}; see its job.", param="id")
    url = presign.get_url(export.key, filename=f"{export.version_id}.{export.format}", seconds=DOWNLOAD_S)
    return {"url": url, "bytes": blobs.size(export.key), "expires_at": int(time.time()) + DOWNLOAD_S}


def prepare(job: Job, folders: Folders) -> list[str]:
    with tenant_context(job.tenant_id):
        export = get(job.spec["export"])
    blobs.download(export.version.prefix + DATA, folders.input / DATA)
    (folders.input / "spec.json").write_bytes(to_json(ExportSpec(source=DATA, format=export.format)))
    return [sys.executable, "-m", "training.ingest.exporting"]


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    (written,) = folders.output.iterdir()
    with written.open("rb") as stream:
        blobs.put(_key(job, written.suffix), stream)


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    """In the transaction that ends the job."""
    export = get(job.spec["export"])
    export.key, export.neutralised = _key(job, f".{export.format}"), summary["neutralised"]
    export.save(update_fields=["key", "neutralised"])


def failed(job: Job) -> None:
    """The export stays without a file; its job says why."""


def _key(job: Job, suffix: str) -> str:
    return keys.export(job.tenant_id, job.spec["export"], job.attempt) + f"data{suffix}"
