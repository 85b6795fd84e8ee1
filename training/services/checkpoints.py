"""Models on the way, kept while their training runs: the best of validation so far, and the two best before it.

They live as long as their model; where their job made none, a week beyond its end.
"""

from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from api.errors import Conflict, NotFound
from contracts import ids
from contracts.child import Candidate
from jobs.models import Job
from jobs.services import ending, events
from jobs.services.events import LostLease
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Checkpoint, Model

MOST = 3
KEPT = timedelta(days=7)  # beyond the end of a job that made no model


def of(job: Job) -> QuerySet[Checkpoint]:
    rows: QuerySet[Checkpoint] = Checkpoint.objects.filter(job=job)
    return rows


def find(name: str) -> Checkpoint | None:
    """By `mdl_...:ckpt-step-N`; None where there is none. Needs a tenant context."""
    meant = ids.of_checkpoint(name)
    if meant is None:
        return None
    found: Checkpoint | None = Checkpoint.objects.filter(model=meant[0], step=meant[1]).first()
    return found


def get(name: str) -> Checkpoint:
    """Raises `NotFound` for an absent or foreign one."""
    row = find(name)
    if row is None:
        raise NotFound("checkpoint", name)
    return row


def save(job: Job, folder: Path, found: Candidate) -> None:
    """Uploads what the engine offers; it counts only while the job is this attempt's."""
    prefix = keys.model_checkpoint(job.tenant_id, job.spec["model"], job.attempt, found.step)
    blobs.upload_folder(folder, prefix)
    try:
        with tenant_context(job.tenant_id):
            ending.hold(job)
            left = _keep(job, found.step, prefix=prefix, metrics=found.values)
    except LostLease:
        left = [prefix]
    for one in left:
        blobs.delete_folder(one)


def finish(model: Model) -> None:
    """In the transaction that makes the model: the best of validation is the model itself."""
    step = model.summary.get("best_step")
    if step is None:
        return
    measured = events.of(model.job).filter(type="metrics", data__step=step, data__has_key="valid_loss").first()
    metrics = {name: value for name, value in measured.data.items() if name != "step"} if measured else {}
    for one in _keep(model.job, step, prefix=model.prefix, metrics=metrics):
        transaction.on_commit(partial(blobs.delete_folder, one), robust=True)


def _keep(job: Job, step: int, *, prefix: str, metrics: dict[str, Any]) -> list[str]:
    """The row, and no more rows than `MOST`. Returns the folders that nothing refers to any more."""
    before = list(of(job).order_by("-step"))
    wanted = {"job": job, "metrics": metrics, "prefix": prefix}
    Checkpoint.objects.update_or_create(model=job.spec["model"], step=step, defaults=wanted)
    others = [one for one in before if one.step != step]
    of(job).filter(id__in=[one.id for one in others[MOST - 1 :]]).delete()
    kept = {prefix, *(one.prefix for one in others[: MOST - 1])}
    return [one.prefix for one in before if one.prefix not in kept]


def delete(*, by: str, name: str) -> None:
    """Raises `Conflict` where there is a model that it belongs to."""
    row = get(name)
    if Model.objects.filter(id=row.model).exists():
        message = f"The checkpoint {name} is kept with its model; delete {row.model} and it goes, too."
        raise Conflict("checkpoint_of_model", message, param="id")
    row.delete()
    audit.record(by=by, action="checkpoint.deleted", target=name)
    transaction.on_commit(partial(blobs.delete_folder, row.prefix), robust=True)
