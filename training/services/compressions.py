"""Compressions of models that were trained before: asked for, run as jobs, ended as new models where they hold what was
asked of them."""

from dataclasses import dataclass
from typing import Any

from contracts.codec import from_data
from contracts.compression import Compression, faults_of_compression, given
from contracts.fine_tune import FineTuneSpec
from contracts.problems import Fault, Problem, echo
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.rows import JobRows
from tenants import audit
from tenants.scoping import tenant_context
from training.models import CompressionJob, Erasure, Model
from training.models.model import new_id
from training.services import attempts, base_models, models
from training.services.asking import without_task
from training.services.told import cancelled, failed
from webhooks.services import events

__all__ = ["cancelled", "failed"]  # of a job of this kind

KIND, QUEUE = "compression", "gpu"
ROWS = JobRows[CompressionJob](CompressionJob, "compression job", ("task", "dataset_version"))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came, ids not yet looked up."""

    model: str
    compression: Compression
    suffix: str = ""
    metadata: dict[str, str]


def create(*, by: str, asked: Asked, live: bool = True) -> CompressionJob:
    """The job row is the queue: when this transaction commits, the job is accepted."""
    model: Model | None = Model.objects.select_related("task").filter(id=asked.model).first()
    faults = _model_faults(asked.model, model)
    if model is not None and model.task is not None:
        faults += faults_of_compression(asked.compression, model.task.type, model.task.form)
        faults += base_models.faults_of_student(asked.compression.student, model.task.type)
    if faults or model is None or model.task is None:
        raise Problem.of(faults)
    job = jobs.submit(
        by=by, kind=KIND, prefix="compjob", queue=QUEUE, livemode=live, metadata=asked.metadata,
        spec={"model": new_id()},
    )  # fmt: skip
    row: CompressionJob = CompressionJob.objects.create(
        job=job, task=model.task, dataset_version=model.dataset_version, source=model.id, suffix=asked.suffix,
        compression=given(asked.compression),
    )  # fmt: skip
    audit.record(by=by, action="compression.job.created", target=job.id, model=model.id)
    return row


def _model_faults(key: str, model: Model | None) -> list[Fault]:
    if model is None:
        message = f"There is no model {echo(key)} of yours; models that you trained are compressed, by their id."
        return [Fault(code="not_found", message=message, param="model")]
    if model.task is None:
        return [without_task(model, "model")]
    if Erasure.objects.filter(receipt__models__contains=[key]).exists():
        message = (
            f"Rows that {key} was trained on have been erased since: it cannot be measured as it was. Train it anew on "
            "what is left, and compress that."
        )
        return [Fault(code="dataset_version_erased", message=message, param="model")]
    return []


def cancel(*, by: str, key: str) -> CompressionJob:
    return ROWS.cancel(by=by, key=key, cancelled=cancelled)


def model_of(row: CompressionJob) -> Model | None:
    return models.of_job(row.job_id)


def prepare(job: Job, folders: Folders) -> list[str]:
    """Model, data, last checkpoint and spec for the engine. Returns the child's command."""
    with tenant_context(job.tenant_id):
        row = ROWS.get(job.id)
        found = base_models.find(row.source)
    if found is None:
        raise Problem("model_gone", f"The model {echo(row.source)} is no longer there.", param="model")
    asked = from_data(row.compression, Compression)
    spec = FineTuneSpec(
        job=job.id,
        task=row.task.spec,
        base=attempts.lay_out(job, folders, version=row.dataset_version, name=row.source, found=found),
        method="full",
        compression=asked,
        student=base_models.loaded(asked.student) if asked.student else None,
    )
    return attempts.command(job, folders, spec, program="training.engine.compress")


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """What holds the contract goes up, its manifest last; of what does not, the figures are all that stays."""
    if summary["compression_kept"]:
        attempts.collect(job, folders, summary)


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    """In the transaction that ends the job: the figures, the new model's row where there is one, the events."""
    row = ROWS.get(job.id)
    row.result = summary
    row.save(update_fields=["result"])
    model = _published(job, row, summary) if summary["compression_kept"] else None
    data = {"id": job.id, "compressed_model": model.id if model else None}
    events.emit(type="compression.job.succeeded", data=data, livemode=job.livemode)


def _published(job: Job, row: CompressionJob, summary: dict[str, Any]) -> Model:
    source = Model.objects.filter(id=row.source).first()
    return models.add(
        job=job, task=row.task, version=row.dataset_version, suffix=row.suffix, prefix=attempts.prefix(job),
        summary=summary, base_model=source.base_model if source else row.source,
    )  # fmt: skip
