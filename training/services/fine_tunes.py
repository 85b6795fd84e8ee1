"""Fine-tunes: asked for with every fault told at once, run as jobs, ended as models.

Nothing here imports inference: where a fine-tune asks for `deploy`, the worker's wiring releases the model.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from contracts import search_checks
from contracts.codec import to_data
from contracts.compression import Compression, faults_of_compression, given
from contracts.fine_tune import (
    METHODS,
    Hyperparameters,
    faults_of,
    faults_with_task,
)
from contracts.ingestion import IngestionSpec
from contracts.problems import Fault, Problem, echo
from contracts.search import Search
from contracts.task import SERVED, TRAINED, form_of
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.rows import JobRows
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Dataset, File, FineTune, Model, Task
from training.models.model import new_id
from training.services import attempts, base_models, checkpoints, datasets, inputs, models, searching, trials
from training.services.asking import look_up, rejected
from training.services.told import cancelled, failed
from webhooks.services import events

__all__ = ["cancelled", "failed"]  # of a job of this kind

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
    search: Search | None = None
    seed: int = 0
    suffix: str = ""
    deploy: bool | str = False  # to which endpoint; True: one named after the task
    metadata: dict[str, str]


def create(*, by: str, asked: Asked, live: bool = True) -> FineTune:
    """The job row is the queue: when this transaction commits, the job is accepted."""
    task, task_faults = look_up(Task, asked.task, "task", "task")
    faults = base_models.faults_of(asked.model, kind=task.type if task else None, own=True)
    faults += faults_of(asked.hyperparameters)
    if asked.method not in METHODS:
        message = f"method must be one of: {', '.join(METHODS)}; not {echo(asked.method)}."
        faults.append(Fault(code="invalid_choice", message=message, param="method"))
    file, file_faults = look_up(File, asked.training_file, "file", "training_file")
    faults += task_faults + file_faults
    if task:
        faults += _task_faults(task, asked)
    if asked.search is not None:
        faults += _search_faults(asked.search, task, asked)
    dataset = None
    if asked.dataset:
        dataset, dataset_faults = look_up(Dataset, asked.dataset, "data set", "dataset")
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
        faults += base_models.faults_of_student(asked.compression.student, task.type)
    return faults + faults_with_task(asked.hyperparameters, form_of(task.type, task.form), tuple(task.labels))


def _search_faults(search: Search, task: Task | None, asked: Asked) -> list[Fault]:
    form = form_of(task.type, task.form) if task else None
    faults = search_checks.faults_of(search, method=asked.method, given=asked.hyperparameters, form=form)
    bases = search.space.get("model")
    for name in bases if isinstance(bases, tuple) else ():
        kind = task.type if task else None
        faults += base_models.faults_of(str(name), kind=kind, own=True, param="search.space.model")
    return faults


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
        return [rejected(dataset)]
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


def unfit(fine_tune: FineTune, dataset: Dataset) -> list[Fault]:
    """Why a job that waited for its data set cannot learn from it."""
    return data_faults(fine_tune.task, dataset)


def admit(fine_tune: FineTune) -> None:
    """One whose data set is ready, and fits."""
    if fine_tune.search is None:
        jobs.admit(fine_tune.job)
    else:
        searching.start(fine_tune)


def _submit(*, by: str, asked: Asked, live: bool, task: Task, dataset: Dataset) -> FineTune:
    job = jobs.submit(
        by=by, kind=KIND, prefix="ftjob", queue=QUEUE, livemode=live, metadata=asked.metadata, spec={"model": new_id()},
        validating=dataset.status == Dataset.Status.PROCESSING or asked.search is not None,
    )  # fmt: skip
    fine_tune: FineTune = FineTune.objects.create(
        job=job, task=task, dataset=dataset, training_file=asked.training_file, base_model=asked.model,
        method=asked.method, hyperparameters=to_data(asked.hyperparameters), seed=asked.seed, suffix=asked.suffix,
        compression=given(asked.compression) if asked.compression else None, search=_search(asked, task),
        endpoint=_endpoint(asked, task), dataset_version=datasets.current_version(dataset),
    )  # fmt: skip
    audit.record(by=by, action="fine_tuning.job.created", target=job.id, task=task.id, dataset=dataset.id)
    if asked.search is not None and dataset.status != Dataset.Status.PROCESSING:
        searching.start(fine_tune)
        job.refresh_from_db()
    return fine_tune


def _search(asked: Asked, task: Task) -> dict[str, Any] | None:
    """As asked for, with the space that is searched where none was named."""
    if asked.search is None:
        return None
    form = form_of(task.type, task.form)
    whole = search_checks.completed(asked.search, method=asked.method, given=asked.hyperparameters, form=form)
    data: dict[str, Any] = to_data(whole)
    return data


def _endpoint(asked: Asked, task: Task) -> str:
    if isinstance(asked.deploy, str):
        return asked.deploy
    return (slugify(task.name)[:50].strip("-") or task.type) if asked.deploy else ""


def cancel(*, by: str, key: str) -> FineTune:
    fine_tune = ROWS.cancel(by=by, key=key, cancelled=cancelled)
    searching.cut(list(trials.of(fine_tune)))
    return fine_tune


def stop_search(*, by: str, key: str) -> FineTune:
    """Raises `Conflict` where none is under way."""
    fine_tune = ROWS.get(key)
    searching.stop(by=by, fine_tune=fine_tune)
    return fine_tune


def model_of(fine_tune: FineTune) -> Model | None:
    return models.of_job(fine_tune.job_id)


def prepare(job: Job, folders: Folders) -> list[str]:
    """Returns the child's command."""
    with tenant_context(job.tenant_id):
        fine_tune = ROWS.get(job.id)
        parameters, searched = trials.parameters_of(fine_tune), trials.searched(fine_tune)
    return inputs.lay(job, fine_tune, folders, parameters=parameters, searched=searched)


def succeeded(job: Job, summary: dict[str, Any]) -> Model:
    """In the transaction that ends the job: the model's row and the events. Returns the model, for a release."""
    fine_tune = ROWS.get(job.id)
    task, version = fine_tune.task, fine_tune.dataset_version
    base = str(trials.parameters_of(fine_tune).get("model", fine_tune.base_model))
    model = models.add(
        job=job, task=task, version=version, suffix=fine_tune.suffix, base_model=base, prefix=attempts.prefix(job),
        summary=summary,
    )  # fmt: skip
    checkpoints.finish(model)
    events.emit(
        type="fine_tuning.job.succeeded", data={"id": job.id, "fine_tuned_model": model.id}, livemode=job.livemode
    )
    return model
