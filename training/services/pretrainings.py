"""Pre-training: asked for with every fault told at once, run as a job, ended as a base model of the tenant's own."""

from dataclasses import dataclass
from typing import Any

from django.utils.text import slugify

from contracts.codec import from_data, to_data
from contracts.fine_tune import FineTuneSpec, Hyperparameters, faults_of
from contracts.ingestion import IngestionSpec
from contracts.pretraining import AUTO, KEEP, OPTION, faults_of_objective, faults_of_tokenizer, objective_of
from contracts.problems import Fault, Problem
from contracts.task import FEWEST, KINDS, OBJECTIVES, TEXT, UNLABELLED, Form, TaskSpec, form_of
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.rows import JobRows
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Dataset, File, Model, Pretraining
from training.models.model import new_id
from training.services import attempts, base_models, datasets, models
from training.services.asking import look_up, rejected
from training.services.told import cancelled, failed
from webhooks.services import events

__all__ = ["cancelled", "failed"]  # of a job of this kind

KIND, QUEUE = "pretraining", "gpu"
ROWS = JobRows[Pretraining](Pretraining, "pre-training job", ("dataset_version", "dataset"))
ROLE = "text"  # what is read of each row


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came, ids not yet looked up."""

    model: str
    dataset: str | None = None
    training_file: str | None = None
    objective: str = AUTO
    tokenizer: str = KEEP
    hyperparameters: Hyperparameters
    seed: int = 0
    suffix: str = ""
    metadata: dict[str, str]


def create(*, by: str, asked: Asked, live: bool = True) -> Pretraining:
    """The job row is the queue: when this transaction commits, the job is accepted."""
    faults = base_models.faults_of(asked.model, own=True) + faults_of(asked.hyperparameters)
    base = base_models.find(asked.model)
    objective = asked.objective
    if base is not None:
        faults += faults_of_objective(asked.objective, base)
        objective = objective_of(base) or asked.objective
    faults += faults_of_tokenizer(asked.tokenizer, objective)
    file, dataset, source_faults = _source(asked)
    faults += source_faults
    if dataset is not None and dataset.status != Dataset.Status.PROCESSING:
        faults += data_faults(dataset)
    if faults:
        raise Problem.of(faults)
    dataset = dataset or _make(by=by, file=file, live=live)
    return _submit(by=by, asked=asked, objective=objective, live=live, dataset=dataset)


def _source(asked: Asked) -> tuple[File | None, Dataset | None, list[Fault]]:
    """The data set asked for; or the file, and the newest data set of just its texts, where there is one."""
    if (asked.dataset is None) == (asked.training_file is None):
        message = "Name the texts by dataset or by training_file, one of both."
        return None, None, [Fault(code="required", message=message, param="dataset")]
    if asked.dataset is not None:
        dataset, faults = look_up(Dataset, asked.dataset, "data set", "dataset")
        return None, dataset, faults
    file, faults = look_up(File, str(asked.training_file), "file", "training_file")
    same = Dataset.objects.filter(file__sha256=file.sha256, versions__task_kind=UNLABELLED) if file else None
    return file, same.order_by("-id").first() if same is not None else None, faults


def _make(*, by: str, file: File | None, live: bool) -> Dataset:
    """The file becomes a data set of its texts."""
    if file is None:
        raise RuntimeError("a pre-training without faults has a data set or a file")
    spec = IngestionSpec(source="upload", filename=file.filename, task_kind=UNLABELLED)
    return datasets.create(by=by, file=file, name=file.filename[:100], spec=spec, live=live)


def data_faults(dataset: Dataset) -> list[Fault]:
    """Why nothing can be learnt from a data set that was read."""
    version = datasets.current_version(dataset)
    if version is None:
        return [rejected(dataset)]
    if not _has_texts(form_of(version.task_kind, version.form)):
        known = [kind for kind, forms in KINDS.items() if any(map(_has_texts, forms))]
        message = (
            f"The data set {dataset.id} was read for {version.task_kind} and has no column of texts. Take one of the "
            f"type {', '.join(known)}."
        )
        return [Fault(code="wrong_dataset_for_objective", message=message, param="dataset")]
    return [
        Fault(
            code="too_few_rows",
            message=f"The {split} split of {dataset.id} has {version.rows.get(split, 0)} row(s) and needs {fewest}.",
            param="dataset",
        )
        for split, fewest in FEWEST.items()
        if version.rows.get(split, 0) < fewest
    ]


def unfit(pretraining: Pretraining, dataset: Dataset) -> list[Fault]:
    """Why a job that waited for its data set cannot learn from it."""
    return data_faults(dataset)


def admit(pretraining: Pretraining) -> None:
    jobs.admit(pretraining.job)


def _has_texts(form: Form) -> bool:
    return ROLE in form.of(TEXT)


def _submit(*, by: str, asked: Asked, objective: str, live: bool, dataset: Dataset) -> Pretraining:
    job = jobs.submit(
        by=by, kind=KIND, prefix="ptjob", queue=QUEUE, livemode=live, metadata=asked.metadata, spec={"model": new_id()},
        validating=dataset.status == Dataset.Status.PROCESSING,
    )  # fmt: skip
    row: Pretraining = Pretraining.objects.create(
        job=job, dataset=dataset, dataset_version=datasets.current_version(dataset),
        training_file=asked.training_file or "", base_model=asked.model, objective=objective, tokenizer=asked.tokenizer,
        hyperparameters=to_data(asked.hyperparameters), seed=asked.seed, suffix=asked.suffix,
    )  # fmt: skip
    audit.record(by=by, action="pretraining.job.created", target=job.id, dataset=dataset.id)
    return row


def cancel(*, by: str, key: str) -> Pretraining:
    return ROWS.cancel(by=by, key=key, cancelled=cancelled)


def model_of(row: Pretraining) -> Model | None:
    return models.of_job(row.job_id)


def prepare(job: Job, folders: Folders) -> list[str]:
    """Data, base, last checkpoint and spec for the engine. Returns the child's command."""
    with tenant_context(job.tenant_id):
        row = ROWS.get(job.id)
        found = base_models.find(row.base_model)
    base = attempts.lay_out(job, folders, version=row.dataset_version, name=row.base_model, found=found)
    task = TaskSpec(kind=row.objective, metric=OBJECTIVES[row.objective][0].metrics[0], options={OPTION: row.tokenizer})
    hyperparameters = from_data(row.hyperparameters, Hyperparameters)
    spec = FineTuneSpec(
        job=job.id, task=task, base=base, hyperparameters=hyperparameters, seed=row.seed, candidates=False
    )  # fmt: skip
    return attempts.command(job, folders, spec)


def succeeded(job: Job, summary: dict[str, Any]) -> Model:
    """In the transaction that ends the job: the base model's row and the events."""
    row = ROWS.get(job.id)
    if row.dataset_version is None:
        raise RuntimeError(f"{job.id} was admitted without a data set version")
    named = row.suffix or slugify(row.dataset.name)[:40].strip("-") or KIND
    base = base_models.find(row.base_model)
    model = models.add_base(
        job=job, objective=row.objective, version=row.dataset_version, base_model=row.base_model,
        name=f"{base.name if base else row.base_model}-{named}", prefix=attempts.prefix(job), summary=summary,
    )  # fmt: skip
    about = {"id": job.id, "pretrained_model": model.id}
    events.emit(type="pretraining.job.succeeded", data=about, livemode=job.livemode)
    return model
