"""Trained models: added as jobs end, listed, described by their report, deleted."""

import hashlib
import time
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError, QuerySet

from api.errors import Conflict, NotFound
from contracts import ids
from contracts.codec import from_json
from contracts.manifest import NAME, Manifest
from jobs.models import Job
from storage import blobs, keys, presign
from tenants import audit
from training.models import Checkpoint, Dataset, DatasetVersion, Model, Task
from training.services import checkpoints
from webhooks.services import events

DOWNLOAD_S = 15 * 60
REPORTS = {"json": "metrics.json", "html": "report.html"}


def listed() -> QuerySet[Model]:
    rows: QuerySet[Model] = Model.objects.prefetch_related("aliases")
    return rows


def versions(model: Model) -> QuerySet[Model]:
    """Of the same task, or of a base those that learnt from the same data set, the model itself among them."""
    if model.task_id is None:
        return bases_of(model.dataset_version.dataset_id)
    return listed().filter(task=model.task_id)


def bases_of(dataset: str) -> QuerySet[Model]:
    """The base models that were pre-trained on some version of the data set."""
    return listed().filter(task=None, dataset_version__dataset=dataset)


def get(key: str) -> Model:
    """Raises `NotFound` for an absent or foreign id."""
    row: Model | None = Model.objects.filter(id=key).first()
    if row is None:
        raise NotFound("model", key)
    return row


def of_job(job: str) -> Model | None:
    found: Model | None = Model.objects.filter(job_id=job).first()
    return found


def add(
    *,
    job: Job,
    task: Task,
    version: DatasetVersion,
    suffix: str,
    base_model: str,
    prefix: str,
    summary: dict[str, Any],
) -> Model:
    """In the transaction that ends the job: the next version of the task's models, under the id that the job holds for
    it; and the event."""
    Task.objects.select_for_update().get(id=task.id)  # keeps jobs that end at the same time apart
    number, named = _next(Model.objects.filter(task=task)), f"-{suffix}" if suffix else ""
    return _ready(
        job, summary, name=f"{task.name}{named}-v{number}", task_kind=task.type, base_model=base_model, task=task,
        dataset_version=version, version=number, prefix=prefix,
    )  # fmt: skip


def add_base(
    *,
    job: Job,
    objective: str,
    version: DatasetVersion,
    name: str,
    base_model: str,
    prefix: str,
    summary: dict[str, Any],
) -> Model:
    """The same of a base without a task: the next version of those that learnt from the same data set."""
    dataset = version.dataset_id
    Dataset.objects.select_for_update(of=("self",)).get(id=dataset)
    number = _next(bases_of(dataset))
    return _ready(
        job, summary, name=f"{name}-v{number}"[:140], task_kind=objective, base_model=base_model,
        dataset_version=version, version=number, prefix=prefix,
    )  # fmt: skip


def _ready(job: Job, summary: dict[str, Any], **about: Any) -> Model:
    model: Model = Model.objects.create(
        id=job.spec["model"], job=job, summary=summary, livemode=job.livemode, metadata=job.metadata, **about
    )
    events.emit(type="model.ready", data={"id": model.id, "job": job.id, "metrics": summary}, livemode=job.livemode)
    return model


def _next(rows: QuerySet[Model]) -> int:
    """One past the newest version."""
    newest: int | None = rows.aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def files_of(key: str) -> Model | Checkpoint:
    """A model, or one on the way to it. Raises `NotFound`."""
    return checkpoints.get(key) if ids.of_checkpoint(key) else get(key)


def report(model: Model, *, form: str) -> bytes:
    """The evaluation as `json` or as one self-contained `html` page."""
    return blobs.get(model.prefix + REPORTS[form])


def download(model: Model | Checkpoint) -> list[dict[str, Any]]:
    """Where each file of the model can be fetched for a while, straight from the store; the manifest last."""
    manifest, until = blobs.get(model.prefix + NAME), int(time.time()) + DOWNLOAD_S
    files = [(one.path, one.bytes, one.sha256) for one in from_json(manifest, Manifest).files]
    return [
        {
            "path": path,
            "bytes": size,
            "sha256": sha256,
            "url": presign.get_url(model.prefix + path, filename=path.rsplit("/", 1)[-1], seconds=DOWNLOAD_S),
            "expires_at": until,
        }
        for path, size, sha256 in (*files, (NAME, len(manifest), hashlib.sha256(manifest).hexdigest()))
    ]


def delete(*, by: str, key: str) -> None:
    """Its checkpoints go, too. Refused while an endpoint has the model among its releases."""
    if ids.of_checkpoint(key):
        return checkpoints.delete(by=by, name=key)
    model = get(key)
    try:
        model.delete()
    except ProtectedError as error:
        message = f"An endpoint has released the model {model.id}; delete the endpoint first."
        raise Conflict("model_in_use", message, param="id") from error
    audit.record(by=by, action="model.deleted", target=key)
    Checkpoint.objects.filter(model=key).delete()
    transaction.on_commit(partial(blobs.delete_folder, keys.model_folder(model.tenant_id, key)), robust=True)
    return None
