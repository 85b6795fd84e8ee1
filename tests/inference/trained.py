"""Trained models as the workers leave them: the row with all it refers to, and the artifact in the object store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts import ids
from contracts.task import TEXT_CLASSIFICATION, form_of
from jobs.models import Job
from storage import blobs, keys
from tenants.models import Tenant
from tenants.scoping import tenant_context
from tests.inference.runtime.house import LABELS, dummy_artifact
from training.models import Dataset, DatasetVersion, Model, Task
from training.models.model import new_id


def model(
    tenant: Tenant, *, kind: str = TEXT_CLASSIFICATION, form: str | None = None, artifact: Path | None = None
) -> str:
    """The id of a new model of the tenant. Without an `artifact` its prefix holds nothing."""
    key = new_id()
    prefix = keys.model(tenant.id, key, 1)
    if artifact is not None:
        blobs.upload_folder(artifact, prefix)
    with tenant_context(tenant.id):
        job = _job("ingest"), _job("fine_tune")
        dataset = Dataset.objects.create(name="messages", status="ready", job=job[0])
        version = DatasetVersion.objects.create(
            dataset=dataset, task_kind=kind, prefix="nowhere/", sha256="0" * 64, rows={}, report={"labels": {}}
        )
        task = Task.objects.create(
            name="parts", type=kind, form=form or form_of(kind, None).name, dataset=dataset, labels=list(LABELS),
            metric="accuracy",
        )  # fmt: skip
        Model.objects.create(
            id=key, name="parts", task_kind=kind, base_model="minilm-l6", task=task, dataset_version=version,
            job=job[1], version=1, prefix=prefix,
        )  # fmt: skip
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
