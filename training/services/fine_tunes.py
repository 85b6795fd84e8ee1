"""Fine-tunes: asked for with every fault told at once, run as jobs, ended as models.

Nothing here imports inference: where a fine-tune asks for `deploy`, the worker's wiring releases the model.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.text import slugify

from contracts.codec import from_data, to_data, to_json
from contracts.fine_tune import (
    METHODS,
    Compression,
    FineTuneSpec,
    Hyperparameters,
    faults_of,
    faults_of_compression,
    faults_with_task,
)
from contracts.ingestion import IngestionSpec
from contracts.problems import Fault, Problem, echo
from contracts.task import SERVED, TRAINED, form_of
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.rows import JobRows
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Dataset, File, FineTune, Model, Task
from training.models.model import new_id
from training.services import base_models, checkpoints, datasets
from webhooks.services import events

KIND, QUEUE = "fine_tuning", "gpu"
ROWS = JobRows[FineTune](FineTune, "fine-tuning job", ("task", "dataset_version"))


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came, ids not yet looked up."""

    model: str
    training_file: str
    task: str
    dataset: str | None = None
    method: str = "auto"
    hyperparameters: Hyperparameters
    compression: Compression | None = None
    seed: int = 0
    suffix: str = ""
    deploy: bool | str = False  # to which endpoint; True: one named after the task
    metadata: dict[str, str]


def create(*, by: str, asked: Asked, live: bool = True) -> FineTune:
    """The job row is the queue: when this transaction commits, the job is accepted."""
    task, task_faults = _look_up(Task, asked.task, "task", "task")
    faults = base_models.faults_of(asked.model, kind=task.type if task else None, own=True)
    faults += faults_of(asked.hyperparameters)
    if asked.method not in METHODS:
        message = f"method must be one of: {', '.join(METHODS)}; not {echo(asked.method)}."
        faults.append(Fault(code="invalid_choice", message=message, param="method"))
    file, file_faults = _look_up(File, asked.training_file, "file", "training_file")
    faults += task_faults + file_faults
    if task:
        faults += _task_faults(task, asked)
    dataset = None
    if asked.dataset:
        dataset, dataset_faults = _look_up(Dataset, asked.dataset, "data set", "dataset")
        faults += dataset_faults
    elif task and file:
        dataset = _made_of(file, task)
    if task and dataset and dataset.status != Dataset.Status.PROCESSING:
        faults += data_faults(task, dataset)
    if faults:
        raise Problem.of(faults)
    dataset = dataset or _make(by=by, file=file, task=task, live=live)
    return _submit(by=by, asked=asked, live=live, task=task, dataset=dataset)


def _task_faults(task: Task, asked: Asked) -> list[Fault]:
    """Why the task is not learnt here, or not as asked for."""
    if (task.type, task.form) not in TRAINED:
        known = " or ".join(f"{kind} ({form})" for kind, form in TRAINED)
        message = f"Tasks of the type {task.type} ({task.form}) are not trained here; {known} are."
        return [Fault(code="task_not_trained", message=message, param="task")]
    faults = []
    if asked.deploy and (task.type, task.form) not in SERVED:
        message = f"Models of the type {task.type} ({task.form}) are trained and downloaded, not served here. "
        faults.append(Fault(code="task_not_served", message=f"{message}Leave deploy out.", param="deploy"))
    if asked.compression:
        faults += faults_of_compression(asked.compression, task.type, task.form)
    return faults + faults_with_task(asked.hyperparameters, form_of(task.type, task.form), tuple(task.labels))


def _look_up(model: Any, key: str, noun: str, param: str) -> tuple[Any, list[Fault]]:
    row = model.objects.filter(id=key).first()
    message = f"There is no {noun} {echo(key)}."
    return row, [] if row else [Fault(code="not_found", message=message, param=param)]


def _made_of(file: File, task: Task) -> Dataset | None:
    """A data set of the same bytes, for the same kind of task: the task's own first, then the newest."""
    if task.dataset.file is not None and task.dataset.file.sha256 == file.sha256:
        own: Dataset = task.dataset
        return own
    same = Dataset.objects.filter(file__sha256=file.sha256, versions__task_kind=task.type)
    found: Dataset | None = same.order_by("-id").first()
    return found


def _make(*, by: str, file: File, task: Task, live: bool) -> Dataset:
    """The file becomes a data set, read like the task's own: its column mapping is the first guess."""
    version = datasets.current_version(task.dataset)
    columns = version.report["columns"] if version else {}
    spec = IngestionSpec(source="upload", filename=file.filename, task_kind=task.type, columns=columns)
    return datasets.create(by=by, file=file, name=file.filename[:100], spec=spec, live=live)


def data_faults(task: Task, dataset: Dataset) -> list[Fault]:
    """Why a task cannot be learnt from a data set that was read."""
    version = datasets.current_version(dataset)
    if version is None:
        message = f"The data set {dataset.id} was rejected; see its error."
        return [Fault(code="dataset_rejected", message=message, param="dataset")]
    if (version.task_kind, version.form or task.form) != (task.type, task.form):
        message = f"The data set {dataset.id} was read for {version.task_kind} ({version.form}), not for this task."
        return [Fault(code="wrong_dataset_for_task", message=message, param="dataset")]
    unknown = [label for label in version.labels if label not in task.labels]
    untrained = [label for label in task.labels if not version.report["labels"].get(label, {}).get("train")]
    faults = []
    if unknown:
        message = f"The data set holds labels that the task lacks: {', '.join(map(echo, unknown[:5]))}."
        faults.append(Fault(code="unknown_label", message=message, param="dataset"))
    if untrained:
        message = f"These labels of the task have no row to learn from: {', '.join(map(echo, untrained[:5]))}."
        faults.append(Fault(code="label_never_in_training", message=message, param="dataset"))
    return faults


def _submit(*, by: str, asked: Asked, live: bool, task: Task, dataset: Dataset) -> FineTune:
    job = jobs.submit(
        by=by, kind=KIND, prefix="ftjob", queue=QUEUE, livemode=live, metadata=asked.metadata, spec={"model": new_id()},
        validating=dataset.status == Dataset.Status.PROCESSING,
    )  # fmt: skip
    fine_tune: FineTune = FineTune.objects.create(
        job=job, task=task, dataset=dataset, training_file=asked.training_file, base_model=asked.model,
        method=asked.method, hyperparameters=to_data(asked.hyperparameters), seed=asked.seed, suffix=asked.suffix,
        compression=to_data(asked.compression) if asked.compression else None,
        endpoint=_endpoint(asked, task), dataset_version=datasets.current_version(dataset),
    )  # fmt: skip
    audit.record(by=by, action="fine_tuning.job.created", target=job.id, task=task.id, dataset=dataset.id)
    return fine_tune


def _endpoint(asked: Asked, task: Task) -> str:
    if isinstance(asked.deploy, str):
        return asked.deploy
    return (slugify(task.name)[:50].strip("-") or task.type) if asked.deploy else ""


def cancel(*, by: str, key: str) -> FineTune:
    return ROWS.cancel(by=by, key=key, cancelled=cancelled)


def model_of(fine_tune: FineTune) -> Model | None:
    found: Model | None = Model.objects.filter(job_id=fine_tune.job_id).first()
    return found


def prepare(job: Job, folders: Folders) -> list[str]:
    """Data, base, last checkpoint and spec for the engine. Returns the child's command."""
    with tenant_context(job.tenant_id):
        fine_tune = ROWS.get(job.id)
        version, found = fine_tune.dataset_version, base_models.find(fine_tune.base_model)
    if version is None:
        raise RuntimeError(f"{job.id} was admitted without a data set version")
    if found is None:
        message = f"The base model {echo(fine_tune.base_model)} is no longer there: choose another one."
        raise Problem("unknown_base_model", message, param="model")
    own = folders.input / "base" if base_models.is_own(fine_tune.base_model) else None
    base = base_models.materialise(found, own)
    datasets.fetch(version, folders.input / "data.parquet")
    if job.checkpoint:
        blobs.download_folder(job.checkpoint, folders.input / "checkpoint")
    spec = FineTuneSpec(
        job=job.id,
        task=fine_tune.task.spec,
        base=base,
        method=fine_tune.method,
        hyperparameters=from_data(fine_tune.hyperparameters, Hyperparameters),
        compression=from_data(fine_tune.compression, Compression) if fine_tune.compression else None,
        seed=fine_tune.seed,
        checkpoint_every_s=float(settings.CHECKPOINT_S),
        resume="checkpoint" if job.checkpoint else None,
    )
    (folders.input / "spec.json").write_bytes(to_json(spec))
    return [sys.executable, "-m", "training.engine"]


def save_checkpoint(job: Job, folder: Path, step: int) -> str:
    """Uploads one checkpoint; its key is what another worker resumes from."""
    prefix = keys.checkpoint(job.tenant_id, job.id, job.attempt, step)
    blobs.upload_folder(folder, prefix)
    return prefix


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """The artifact goes up under a key that holds the attempt, its manifest last."""
    blobs.upload_folder(folders.output, _prefix(job))


def succeeded(job: Job, summary: dict[str, Any]) -> Model:
    """In the transaction that ends the job: the model's row and the events. Returns the model, for a release."""
    fine_tune = ROWS.get(job.id)
    task, version = fine_tune.task, fine_tune.dataset_version
    suffix = f"-{fine_tune.suffix}" if fine_tune.suffix else ""
    number = _next_version(task)
    model: Model = Model.objects.create(
        id=job.spec["model"], name=f"{task.name}{suffix}-v{number}", task_kind=task.type,
        base_model=fine_tune.base_model, task=task, dataset_version=version, job=job, version=number,
        prefix=_prefix(job), summary=summary, livemode=job.livemode, metadata=job.metadata,
    )  # fmt: skip
    checkpoints.finish(model)
    events.emit(
        type="fine_tuning.job.succeeded", data={"id": job.id, "fine_tuned_model": model.id}, livemode=job.livemode
    )
    events.emit(type="model.ready", data={"id": model.id, "job": job.id, "metrics": summary}, livemode=job.livemode)
    return model


def _next_version(task: Task) -> int:
    """One past the newest of the task's models; the task's row keeps jobs that end at the same time apart."""
    Task.objects.select_for_update().get(id=task.id)
    newest: int | None = Model.objects.filter(task=task).aggregate(newest=Max("version"))["newest"]
    return (newest or 0) + 1


def failed(job: Job) -> None:
    events.emit(type="fine_tuning.job.failed", data={"id": job.id, "error": job.error}, livemode=job.livemode)


def cancelled(job: Job) -> None:
    events.emit(type="fine_tuning.job.cancelled", data={"id": job.id}, livemode=job.livemode)


def _prefix(job: Job) -> str:
    return keys.model(job.tenant_id, job.spec["model"], job.attempt)
