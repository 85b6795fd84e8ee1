"""Data sets: asked for, ingested by a job, frozen as a version, or rejected with the reason; derived anew when cleaned.

The job's hooks (`prepare`, `collect`, `succeeded`, `failed`) are wired to its kind by the workers.
"""

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from api.errors import Conflict, NotFound
from contracts.cleaning import Step
from contracts.codec import from_data, from_json, to_data, to_json
from contracts.ingestion import DatasetReport, IngestionSpec, SplitSpec, Written
from contracts.problems import echo
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from storage import blobs, keys, presign
from tenants import audit
from training.models import Dataset, DatasetVersion, Export, File
from training.models.dataset import new_version_id
from training.services import base_models
from webhooks.services import events

KIND, QUEUE = "ingestion", "cpu"
DATA, ISSUES, PREVIEW, PAGE, REPORT = "data.parquet", "issues.json", "preview.json", "report.html", "report.json"
AGAIN = timedelta(days=1)  # until a data set that is in use is looked at again
DOWNLOAD_S = 900  # that an address to fetch from is good for
CANCELLED: dict[str, Any] = {
    "code": "cancelled",
    "message": "Reading the file was cancelled.",
    "param": None,
    "errors": [],
}


def create(
    *,
    by: str,
    file: File,
    name: str,
    spec: IngestionSpec,
    live: bool = True,
    metadata: dict[str, str] | None = None,
    seconds: int | None = None,
) -> Dataset:
    """A data set in `processing` and the job that will fill it, in the caller's transaction. `seconds`: how long it is
    kept; None: until its owner deletes it."""
    job = jobs.submit(
        by=by, kind=KIND, prefix="ingjob", queue=QUEUE, livemode=live, metadata={},
        spec={"file": file.id, "key": file.key, "version": new_version_id(), "ingestion": to_data(spec)},
    )  # fmt: skip
    dataset: Dataset = Dataset.objects.create(
        name=name, file=file, job=job, livemode=live, metadata=metadata or {},
        expires_at=None if seconds is None else timezone.now() + timedelta(seconds=seconds),
    )  # fmt: skip
    audit.record(by=by, action="dataset.created", target=dataset.id, file=file.id)
    return dataset


def derive(*, by: str, key: str, steps: Sequence[Step], split: SplitSpec | None, live: bool = True) -> Dataset:
    """A job that makes the next version of the newest: cleaned by `steps`, split as before unless said otherwise."""
    dataset: Dataset = Dataset.objects.select_for_update(of=("self",)).get(id=get(key).id)
    version = ready_version(dataset)
    if dataset.derivation is not None and dataset.derivation.finished_at is None:
        message = f"The data set {dataset.id} is being derived by {dataset.derivation_id}; wait until that has ended."
        raise Conflict("derivation_running", message, param="id")
    kept = version.report.get("split", {}).get("column")
    if split is not None and split.column not in (None, kept):
        message = f"The version keeps no column {echo(split.column)} to split by. Make the data set anew from its file."
        raise Conflict("missing_column", message, param="split.column")
    before = from_data(dataset.job.spec["ingestion"], IngestionSpec)
    spec = replace(
        before, form=version.form, columns=version.report["columns"],
        written=Written(encoding=version.report["encoding"]), format=version.report["format"],
        steps=tuple(steps), split=split or before.split, parent=version.id,
    )  # fmt: skip
    dataset.derivation = jobs.submit(
        by=by, kind=KIND, prefix="ingjob", queue=QUEUE, livemode=live, metadata={},
        spec={"key": version.prefix + DATA, "version": new_version_id(), "ingestion": to_data(spec)},
    )  # fmt: skip
    dataset.save(update_fields=["derivation"])
    names = [step.name for step in steps]
    audit.record(by=by, action="dataset.derived", target=dataset.id, parent=version.id, steps=names)
    return dataset


def listed() -> QuerySet[Dataset]:
    rows: QuerySet[Dataset] = Dataset.objects.select_related("job", "derivation").prefetch_related("versions")
    return rows


def get(key: str) -> Dataset:
    """Raises `NotFound` for an absent or foreign id."""
    row: Dataset | None = listed().filter(id=key).first()
    if row is None:
        raise NotFound("data set", key)
    return row


def current_version(dataset: Dataset) -> DatasetVersion | None:
    return max(dataset.versions.all(), key=lambda version: version.number, default=None)


def ready_version(dataset: Dataset) -> DatasetVersion:
    """The newest version; raises `Conflict` while there is none."""
    version = current_version(dataset)
    if version is None:
        why = "was rejected; see its error" if dataset.status == Dataset.Status.REJECTED else "is still being read"
        raise Conflict("dataset_not_ready", f"The data set {dataset.id} {why}.", param="dataset")
    return version


def delete(*, by: str, key: str) -> None:
    """Refused while tasks or models hold it: their lineage would end in nothing."""
    dataset = get(key)
    if dataset.tasks.exists() or dataset.fine_tunes.exists() or dataset.pretrainings.exists():
        raise Conflict(
            "dataset_in_use", f"Tasks or jobs use the data set {dataset.id}; delete those first.", param="id"
        )
    if any(job is not None and job.finished_at is None for job in (dataset.job, dataset.derivation)):
        message = f"The data set {dataset.id} is being read; delete it once that has ended."
        raise Conflict("dataset_processing", message, param="id")
    if Export.objects.filter(version__dataset=dataset, job__finished_at__isnull=True).exists():
        message = f"The data set {dataset.id} is being exported; delete it once that has ended."
        raise Conflict("dataset_processing", message, param="id")
    prefixes = [version.prefix for version in dataset.versions.all()]
    prefixes += [key for key in Export.objects.filter(version__dataset=dataset).values_list("key", flat=True) if key]
    dataset.delete()
    audit.record(by=by, action="dataset.deleted", target=key)
    for prefix in prefixes:  # bytes go once the rows are gone for good; a store that is away leaves them to retention
        transaction.on_commit(partial(blobs.delete_folder, prefix), robust=True)


def expire(*, key: str) -> None:
    """What the clock does with a data set whose time is over. One that is in use is kept, and looked at again."""
    try:
        delete(by="system:clock", key=key)
    except Conflict as conflict:
        Dataset.objects.filter(id=key).update(expires_at=timezone.now() + AGAIN)
        audit.record(by="system:clock", action="dataset.kept", target=key, why=conflict.code)


def prepare(job: Job, folders: Folders) -> list[str]:
    """Input for the ingestion child: the file's bytes and the spec. Returns the child's command."""
    blobs.download(job.spec["key"], folders.input / "upload")
    spec = from_data(job.spec["ingestion"], IngestionSpec)
    base = base_models.tokenizer(spec.base_model, folders.input)
    (folders.input / "spec.json").write_bytes(to_json(replace(spec, base_model=base)))
    return [sys.executable, "-m", "training.ingest"]


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """The version's files go up under a key that holds the attempt."""
    blobs.upload_folder(folders.output, _prefix(job), last=REPORT)


def succeeded(job: Job, summary: dict[str, Any]) -> Dataset:
    """In the transaction that ends the job: the version's row, the data set's state, the event."""
    dataset = _of(job)
    newest, spec = current_version(dataset), from_data(job.spec["ingestion"], IngestionSpec)
    report = from_json(blobs.get(_prefix(job) + REPORT), DatasetReport)
    version = DatasetVersion.objects.create(
        id=job.spec["version"], dataset=dataset, number=newest.number + 1 if newest else 1, task_kind=spec.task_kind,
        prefix=_prefix(job), sha256=report.sha256, rows=report.rows, report=to_data(report), parent_id=spec.parent,
        steps=to_data(spec.steps),
    )  # fmt: skip
    dataset.status = Dataset.Status.READY
    dataset.save(update_fields=["status"])
    events.emit(
        type="dataset.ready", data={"id": dataset.id, "version": version.id, "rows": report.rows}, livemode=job.livemode
    )
    return dataset


def failed(job: Job) -> Dataset:
    """In the transaction that ends the job: the reason, as the customer reads it. A derivation that fails takes
    nothing with it: the versions before stay."""
    dataset, error = _of(job), job.error or CANCELLED
    if dataset.job_id == job.id:
        dataset.status, dataset.error = Dataset.Status.REJECTED, error
        dataset.save(update_fields=["status", "error"])
    events.emit(type="dataset.rejected", data={"id": dataset.id, "job": job.id, "error": error}, livemode=job.livemode)
    return dataset


def fetch(version: DatasetVersion, into: Path) -> None:
    """The version's Parquet file, for a job that trains on it."""
    blobs.download(version.prefix + DATA, into)


def issues(version: DatasetVersion) -> dict[str, list[int]]:
    """Finding code -> the source rows it is about, at most `training.ingest.store.MOST_ROWS` of each."""
    return from_json(blobs.get(version.prefix + ISSUES), dict[str, list[int]])


def page(version: DatasetVersion) -> bytes:
    """The report as one self-contained HTML page."""
    return blobs.get(version.prefix + PAGE)


def download(version: DatasetVersion) -> dict[str, Any]:
    """Where the version's Parquet file can be fetched for a while, straight from the store."""
    key = version.prefix + DATA
    url = presign.get_url(key, filename=f"{version.id}.parquet", seconds=DOWNLOAD_S)
    return {"url": url, "bytes": blobs.size(key), "expires_at": int(time.time()) + DOWNLOAD_S}


def version_of(dataset: Dataset, key: str) -> DatasetVersion:
    """Raises `NotFound` for an id that is none of its versions."""
    found = next((version for version in dataset.versions.all() if version.id == key), None)
    if found is None:
        raise NotFound("data set version", key)
    return found


def preview(version: DatasetVersion) -> list[dict[str, Any]]:
    """The first rows: row, the roles, split."""
    return from_json(blobs.get(version.prefix + PREVIEW), list[dict[str, Any]])


def _of(job: Job) -> Dataset:
    dataset: Dataset = Dataset.objects.get(Q(job=job) | Q(derivation=job))
    return dataset


def _prefix(job: Job) -> str:
    return keys.dataset(job.tenant_id, job.spec["version"], job.attempt)
