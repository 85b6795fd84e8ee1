"""One tenant's things, one of each noun that the console shows, written as their rooms would leave them."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models.functions import Now

from contracts import ids
from inference.models import Endpoint, Release
from jobs.models import Job, JobEvent
from storage import blobs
from tenants.scoping import tenant_context
from tests.conftest import Person
from training.models import (
    CompressionJob,
    Dataset,
    DatasetVersion,
    Evaluation,
    FineTune,
    Model,
    Pretraining,
    Task,
    Trial,
)
from webhooks.sending import Outcome
from webhooks.services import deliveries, endpoints, events

REPORT = b"<h1>How good it is</h1><script>alert(1)</script>"
LABELS = {"brakes": {"train": 80, "test": 10}, "clutch": {"train": 70, "test": 10}}


@dataclass
class Room:
    """What must never be shown of a tenant's things."""

    secrets: list[str] = field(default_factory=list)


def furnish(person: Person, name: str) -> Room:
    with tenant_context(person.tenant.id):
        trained = job("succeeded", summary={"accuracy": 0.9341})
        job("running", progress={"phase": "training", "step": 30, "steps": 120, "eta_s": 42.0})
        job(
            "failed",
            error={"code": "attempts_exhausted", "message": "Tried three times."},
            internal_error="MemoryError",
        )
        _release(_model(trained, name), name)
        issued = endpoints.create(
            by="key:x", url="https://hooks.example.com/", event_types=["*"], name=f"{name}'s receiver"
        )
        for _ in range(2):
            events.emit(type="model.ready", data={"id": "mdl_1"}, livemode=True)
    good = Outcome(duration_ms=8, status=200, excerpt="thanks")
    bad = Outcome(duration_ms=9, status=500, error="http_status", excerpt=f"{name}'s receiver is broken")
    for picked, outcome in zip(deliveries.pick(room=2, lease=timedelta(60), flying=[]), (good, bad), strict=True):
        deliveries.record(picked, outcome)
    return Room(secrets=[issued.secret, person.key])


def job(state: str, **values: Any) -> Job:
    """A fine-tuning job moved to its state by lawful steps."""
    row: Job = Job.objects.create(
        id=ids.new("ftjob"), kind="fine_tuning.job", queue="gpu", spec={"seed": 0}, created_by="key:x"
    )
    this = Job.objects.filter(id=row.id)
    lease = {"lease_until": Now() + timedelta(minutes=1), "worker": "gpu-1", "claimed_at": Now(), "started_at": Now()}
    this.update(state="running", attempt=1, **lease)
    ended = {"state": state, "lease_until": None, "finished_at": Now()} if state != "running" else {}
    this.update(**ended, **values)
    JobEvent.objects.create(job=row, number=1, message="The job is queued.")
    row.refresh_from_db()
    return row


def _model(trained: Job, name: str) -> Model:
    dataset = Dataset.objects.create(name="messages", status="ready", job=trained)
    version = DatasetVersion.objects.create(
        dataset=dataset,
        task_kind="text-classification",
        prefix="tenants/x/data/",
        sha256="0" * 64,
        rows={"train": 150, "test": 20, "total": 170},
        report={"labels": LABELS, "findings": []},
    )
    task = Task.objects.create(
        name="parts", type="text-classification", dataset=dataset, labels=sorted(LABELS), metric="accuracy"
    )
    fine_tune = FineTune.objects.create(
        job=trained, task=task, dataset=dataset, training_file="file_1", base_model="minilm-l6", method="lora", seed=0
    )
    CompressionJob.objects.create(
        job=trained, task=task, dataset_version=version, source="mdl_1", compression={"method": "int8"}
    )
    Pretraining.objects.create(
        job=trained, dataset=dataset, base_model="minilm-l6", objective="masked-language-modelling", tokenizer="keep",
        seed=0,
    )  # fmt: skip
    Trial.objects.create(job=job("running"), fine_tune=fine_tune, number=1, parameters={"batch_size": 16})
    prefix = f"tenants/{trained.tenant_id}/models/1/"
    blobs.put(f"{prefix}report.html", REPORT)
    model: Model = Model.objects.create(
        name=f"{name}-parts-v1",
        task_kind=task.type,
        base_model="minilm-l6",
        task=task,
        dataset_version=version,
        job=trained,
        version=1,
        prefix=prefix,
        summary={"accuracy": 0.9341},
    )
    Evaluation.objects.create(job=trained, model=model.id, dataset_version=version.id)
    return model


def _release(model: Model, name: str) -> None:
    endpoint = Endpoint.objects.create(name=f"{name}-parts".lower())
    release = Release.objects.create(endpoint=endpoint, model=model, number=1, created_by="key:x")
    Endpoint.objects.filter(id=endpoint.id).update(release=release, task_kind=model.task_kind)
