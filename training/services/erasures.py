"""Erasure by subject: a person's rows leave every version of every data set, and what held them leaves the store.

Rows that stay keep their numbers, split and lineage; the version's hash changes, and the receipt names the old one.
Files that such a version was read from are deleted whole: nobody takes a line out of a workbook. What cannot be looked
through (files that never became a data set) and what learnt from the rows (models) is named in the receipt.
"""

import hashlib
import hmac
import sys
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from api.errors import Conflict, NotFound
from contracts.codec import from_data, from_json, to_data, to_json
from contracts.erasing import ErasureSpec, Held
from contracts.ingestion import DatasetReport
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Dataset, DatasetVersion, Erasure, Export, File, FineTune, Model, Pretraining
from training.services.datasets import DATA, ISSUES, REPORT
from training.services.datasets import KIND as INGESTION
from training.services.exports import KIND as EXPORT

KIND, QUEUE = "erasure", "cpu"


def create(*, by: str, subject: str, reason: str, live: bool = True) -> Erasure:
    """Raises `Conflict` while a file is being read: its rows would slip through."""
    if Job.objects.filter(kind__in=[INGESTION, EXPORT], finished_at__isnull=True).exists():
        message = "A data set is being read, derived or exported. Erase once that has ended: no row may slip through."
        raise Conflict("dataset_processing", message, param="subject")
    erasure = Erasure(subject=subject, subject_digest=digest(subject), reason=reason)
    erasure.job = _submit(by=by, erasure=erasure, live=live)
    erasure.save()
    audit.record(by=by, action="erasure.created", target=erasure.id)
    return erasure


def digest(subject: str) -> str:
    """HMAC-SHA256 in hex, so that nobody without our key can try names against it."""
    return hmac.new(settings.SECRET_KEY.encode(), subject.lower().encode(), hashlib.sha256).hexdigest()


def _submit(*, by: str, erasure: Erasure, live: bool) -> Job:
    return jobs.submit(
        by=by, kind=KIND, prefix="erajob", queue=QUEUE, livemode=live, metadata={}, spec={"erasure": erasure.id}
    )


def listed() -> QuerySet[Erasure]:
    rows: QuerySet[Erasure] = Erasure.objects.select_related("job")
    return rows


def get(key: str) -> Erasure:
    """Raises `NotFound` for an absent or foreign id."""
    row: Erasure | None = listed().filter(id=key).first()
    if row is None:
        raise NotFound("erasure", key)
    return row


def prepare(job: Job, folders: Folders) -> list[str]:
    """Every version there is now, for the child to look through."""
    with tenant_context(job.tenant_id):
        erasure = get(job.spec["erasure"])
        versions = list(DatasetVersion.objects.select_related("dataset"))
        Erasure.objects.filter(id=erasure.id).update(examined=[version.id for version in versions])
    for version in versions:
        blobs.download(version.prefix + DATA, folders.input / f"{version.id}.parquet")
        blobs.download(version.prefix + ISSUES, folders.input / f"{version.id}.issues.json")
    held = [
        Held(
            id=version.id,
            task_kind=version.task_kind,
            filename=version.dataset.name,
            report=from_data(version.report, DatasetReport),
        )
        for version in versions
    ]
    spec = ErasureSpec(subject=erasure.subject, versions=tuple(held))
    (folders.input / "spec.json").write_bytes(to_json(spec))
    return [sys.executable, "-m", "training.ingest.erasing"]


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """Versions without the rows go up beside those with them, under a key that holds the attempt."""
    for version in summary:
        blobs.upload_folder(folders.output / version, _prefix(job, version), last=REPORT)


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    """In the transaction that ends the job: versions point at what is left, the receipt says what went.

    Versions that were made meanwhile are looked through by a further job of the same erasure.
    """
    erasure = Erasure.objects.select_for_update().get(id=job.spec["erasure"])
    found = list(DatasetVersion.objects.select_related("dataset", "dataset__file").filter(id__in=summary))
    receipt = erasure.receipt or {"versions": [], "files": [], "models": []}
    for version in found:
        receipt["versions"].append(
            {
                "version": version.id,
                "dataset": version.dataset_id,
                "rows": summary[version.id],
                "sha256": version.sha256,
            }
        )
        erasure.to_destroy.append(version.prefix)
        _replace(version, _prefix(job, version.id), summary[version.id])
    written = list(Export.objects.filter(version__in=found))
    erasure.to_destroy += [export.key for export in written if export.key]
    Export.objects.filter(id__in=[export.id for export in written]).delete()
    files = list(File.objects.filter(id__in=[v.dataset.file_id for v in found if v.dataset.file_id]))
    erasure.to_destroy += [file.key for file in files]
    receipt["files"] += [file.id for file in files]
    for file in files:
        Dataset.objects.filter(file=file).update(file=None)
        file.delete()
    receipt["models"] += list(Model.objects.filter(dataset_version__in=found).values_list("id", flat=True))
    receipt["jobs_that_learn_from_it"] = [
        key
        for noun in (FineTune, Pretraining)
        for key in noun.objects.filter(dataset_version__in=found, job__finished_at__isnull=True).values_list(
            "job_id", flat=True
        )
    ]
    examined = set(erasure.examined)
    missed = DatasetVersion.objects.exclude(id__in=examined).exists()
    if missed:
        erasure.job = _submit(by=f"system:{job.id}", erasure=erasure, live=job.livemode)
    else:
        receipt["files_not_searched"] = list(File.objects.exclude(id__in=_read_files()).values_list("id", flat=True))
        erasure.subject = ""
    erasure.receipt = receipt
    if not (missed or erasure.to_destroy):
        _sign(erasure)
    erasure.save()
    audit.record(by=f"system:{job.id}", action="erasure.applied", target=erasure.id, versions=len(found))
    transaction.on_commit(partial(destroy, tenant=job.tenant_id, key=erasure.id), robust=True)


def _replace(version: DatasetVersion, prefix: str, rows: int) -> None:
    report = from_json(blobs.get(prefix + REPORT), DatasetReport)
    version.prefix, version.report, version.rows = prefix, to_data(report), report.rows
    version.sha256, version.erased_rows = report.sha256, version.erased_rows + rows
    version.save(update_fields=["prefix", "report", "rows", "sha256", "erased_rows"])


def _read_files() -> list[str]:
    return list(Dataset.objects.filter(file__isnull=False).values_list("file_id", flat=True))


def _sign(erasure: Erasure) -> None:
    """The receipt is complete: its digest is over its JSON, keys sorted, without the digest."""
    erasure.done_at = timezone.now()
    erasure.receipt["sha256"] = hashlib.sha256(to_json(dict(sorted(erasure.receipt.items())))).hexdigest()


def failed(job: Job) -> None:
    """Nothing was changed; the subject is not kept for it."""
    Erasure.objects.filter(id=job.spec["erasure"]).update(subject="")


def destroy(*, tenant: UUID, key: str) -> None:
    """Removes from the store what holds the subject still. Raises `StoreUnavailable`; the clock comes again."""
    with tenant_context(tenant):
        erasure = get(key)
    destroyed = set(erasure.to_destroy)
    for location in destroyed:
        if location.endswith("/"):
            blobs.delete_folder(location)
        else:
            blobs.delete(location)
    with tenant_context(tenant):
        erasure = Erasure.objects.select_for_update().get(id=key)
        gone, erasure.to_destroy = erasure.to_destroy, [one for one in erasure.to_destroy if one not in destroyed]
        if gone and not erasure.to_destroy and not erasure.subject and erasure.done_at is None:
            _sign(erasure)
        erasure.save()


def _prefix(job: Job, version: str) -> str:
    return keys.erased(job.tenant_id, version, job.id, job.attempt)
