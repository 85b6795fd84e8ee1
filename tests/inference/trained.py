"""Trained models as the workers leave them: the row with all it refers to, and the artifact in the object store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts import ids
from contracts.task import MASKED_LANGUAGE, TEXT_CLASSIFICATION, form_of
from jobs.models import Job
from storage import blobs, keys
from tenants.models import Tenant
from tenants.scoping import tenant_context
from tests.inference.runtime.house import LABELS, dummy_artifact
from training.models import Dataset, DatasetVersion, Model, Task
from training.models.model import new_id


def model(
    tenant: Tenant,
    *,
    kind: str = TEXT_CLASSIFICATION,
    form: str | None = None,
    artifact: Path | None = None,
    task: Task | None = None,
) -> str:
    """The id of a new model of the tenant, of a `task` of its own or the next version of that one. Without an
    `artifact` its prefix holds nothing."""
    key = new_id()
    prefix = keys.model(tenant.id, key, 1)
    if artifact is not None:
        blobs.upload_folder(artifact, prefix)
    with tenant_context(tenant.id):
        task = task or _task(kind, form)
        Model.objects.create(
            id=key, name=task.name, task_kind=task.type, base_model="minilm-l6", task=task,
            dataset_version=task.dataset.versions.get(), job=_job("fine_tune"), version=task.models.count() + 1,
            prefix=prefix,
        )  # fmt: skip
    return key


def _task(kind: str, form: str | None) -> Task:
    dataset = Dataset.objects.create(name="messages", status="ready", job=_job("ingest"))
    DatasetVersion.objects.create(
        dataset=dataset, task_kind=kind, prefix="nowhere/", sha256="0" * 64, rows={}, report={"labels": {}}
    )
    made: Task = Task.objects.create(
        name="parts", type=kind, form=form or form_of(kind, None).name, dataset=dataset, labels=list(LABELS),
        metric="accuracy",
    )  # fmt: skip
    return made


def base(tenant: Tenant) -> str:
    """The id of a new model that was pre-trained: it has no task."""
    key = model(tenant)
    with tenant_context(tenant.id):
        Model.objects.filter(id=key).update(task=None, task_kind=MASKED_LANGUAGE)
    return key


def served(tenant: Tenant, **about: float) -> str:
    """A model whose artifact the runtime's dummy backend serves."""
    with dummy(**about) as folder:
        return model(tenant, artifact=folder)


@contextmanager
def dummy(**about: float) -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield dummy_artifact(Path(folder) / "artifact", **about)


def _job(kind: str) -> Job:
    made: Job = Job.objects.create(id=ids.new("job"), kind=kind, queue="cpu", spec={}, created_by="system:test")
    return made
