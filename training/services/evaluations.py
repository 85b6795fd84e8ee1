"""Evaluations: published models asked on a test split long after their training, alone or one against another."""

import sys
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from api.errors import Conflict
from contracts.codec import to_json
from contracts.evaluation import EVALUATED, Candidate, EvaluationSpec
from contracts.problems import Fault, Problem, echo
from jobs import services as jobs
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.rows import JobRows
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import Dataset, DatasetVersion, Evaluation, Model
from training.services import datasets
from training.services.asking import without_task
from training.services.told import cancelled, failed
from webhooks.services import events

__all__ = ["cancelled", "failed"]  # of a job of this kind

KIND, QUEUE = "evaluation", "gpu"
REPORTS = {"json": "report.json", "html": "report.html"}
ROWS: JobRows[Evaluation] = JobRows(Evaluation, "evaluation job")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request as it came, ids not yet looked up."""

    model: str
    against: str | None = None
    dataset: str | None = None
    metadata: dict[str, str]


def create(*, by: str, asked: Asked, live: bool = True) -> Evaluation:
    """Accepted once this transaction commits. Raises `Problem` with every fault."""
    model, faults = _model(asked.model, "model")
    against, more = _model(asked.against, "against") if asked.against else (None, [])
    faults += more
    if model and against:
        faults += _unequal(model, against)
    version, more = _version(asked.dataset, model)
    faults += more
    if model and version:
        faults += _unfitting(model, version)
    if faults or model is None or version is None:
        raise Problem.of(faults)
    job = jobs.submit(by=by, kind=KIND, prefix="evaljob", queue=QUEUE, livemode=live, metadata=asked.metadata, spec={})
    evaluation: Evaluation = Evaluation.objects.create(
        job=job, model=model.id, against=against.id if against else "", dataset_version=version.id
    )
    audit.record(by=by, action="evaluation.job.created", target=job.id, model=model.id, against=evaluation.against)
    return evaluation


def _model(key: str, param: str) -> tuple[Model | None, list[Fault]]:
    model: Model | None = Model.objects.select_related("task", "dataset_version").filter(id=key).first()
    if model is None:
        return None, [Fault(code="not_found", message=f"There is no model {echo(key)}.", param=param)]
    if model.task is None:
        return None, [without_task(model, param)]
    if (model.task.type, model.task.form) not in EVALUATED:
        message = f"Models of the type {model.task.type} ({model.task.form}) are not evaluated again here."
        return model, [Fault(code="not_evaluated", message=message, param=param)]
    return model, []


def _unequal(model: Model, against: Model) -> list[Fault]:
    """Why two models cannot be compared."""
    if model.id == against.id:
        message = "A model is as good as itself: name another one in against."
        return [Fault(code="same_model", message=message, param="against")]
    one, other = model.task, against.task
    if (one.type, one.form) != (other.type, other.form):
        message = f"{model.id} is for {one.type} ({one.form}), {against.id} for {other.type} ({other.form})."
        return [Fault(code="different_tasks", message=message, param="against")]
    if apart := sorted(set(one.labels) ^ set(other.labels)):
        message = f"Only one of the models knows: {', '.join(map(echo, apart[:5]))}. Both must have the same labels."
        return [Fault(code="different_labels", message=message, param="against")]
    return []


def _version(key: str | None, model: Model | None) -> tuple[DatasetVersion | None, list[Fault]]:
    """What is judged on: the newest version of the data set that was asked for, else that of the model's training."""
    if key is None:
        return (model.dataset_version if model else None), []
    dataset: Dataset | None = datasets.listed().filter(id=key).first()
    if dataset is None:
        return None, [Fault(code="not_found", message=f"There is no data set {echo(key)}.", param="dataset")]
    version = datasets.current_version(dataset)
    if version is None:
        message = f"The data set {dataset.id} is {dataset.status}; a model is evaluated on one that is ready."
        return None, [Fault(code="dataset_not_ready", message=message, param="dataset")]
    return version, []


def _unfitting(model: Model, version: DatasetVersion) -> list[Fault]:
    """Why a model cannot be asked about the rows of a version."""
    task = model.task
    if (version.task_kind, version.form or task.form) != (task.type, task.form):
        message = f"The data set was read for {version.task_kind} ({version.form}), not for {task.type} ({task.form})."
        return [Fault(code="wrong_dataset_for_task", message=message, param="dataset")]
    faults = []
    if not version.rows.get("test"):
        message = "The data set has no test split to judge on: split it so that it has one."
        faults.append(Fault(code="no_test_rows", message=message, param="dataset"))
    if unknown := [label for label in version.labels if label not in task.labels]:
        message = f"The data set holds labels that the models do not know: {', '.join(map(echo, unknown[:5]))}."
        faults.append(Fault(code="unknown_label", message=message, param="dataset"))
    return faults


def of_model(model: Model) -> QuerySet[Evaluation]:
    """Those that it was part of."""
    return ROWS.listed().filter(Q(model=model.id) | Q(against=model.id))


def cancel(*, by: str, key: str) -> Evaluation:
    return ROWS.cancel(by=by, key=key, cancelled=cancelled)


def report(evaluation: Evaluation, *, form: str) -> bytes:
    """As `json` or as one self-contained `html` page. Raises `Conflict` where there is none."""
    job = evaluation.job
    if job.state != Job.State.SUCCEEDED:
        raise Conflict("evaluation_not_ready", f"The evaluation {job.id} is {job.state}; see its job.", param="id")
    return blobs.get(_prefix(job) + REPORTS[form])


def prepare(job: Job, folders: Folders) -> list[str]:
    """Models, rows and spec for the engine. Returns the child's command."""
    with tenant_context(job.tenant_id):
        evaluation = ROWS.get(job.id)
        version: DatasetVersion | None = DatasetVersion.objects.filter(id=evaluation.dataset_version).first()
        if version is None:
            raise Problem("not_found", "The data set was deleted in the meantime.", param="dataset")
        models = [_still_there(key) for key in (evaluation.model, evaluation.against) if key]
    datasets.fetch(version, folders.input / "data.parquet")
    named = len({model.name for model in models}) == len(models)
    candidates = []
    for at, model in enumerate(models):
        blobs.download_folder(model.prefix, folders.input / f"model-{at}")
        seen = None if model.dataset_version_id == version.id else f"seen-{at}.parquet"
        if seen:
            datasets.fetch(model.dataset_version, folders.input / seen)
        candidates.append(Candidate(name=model.name if named else model.id, folder=f"model-{at}", seen=seen))
    task = models[0].task
    spec = EvaluationSpec(kind=task.type, form=task.form, metric=task.metric, candidates=tuple(candidates))
    (folders.input / "spec.json").write_bytes(to_json(spec))
    return [sys.executable, "-m", "training.engine.evaluate"]


def _still_there(key: str) -> Model:
    model, _ = _model(key, "model")
    if model is None:
        raise Problem("not_found", f"The model {echo(key)} was deleted in the meantime.", param="model")
    return model


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    blobs.upload_folder(folders.output, _prefix(job))


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    """In the transaction that ends the job."""
    evaluation = ROWS.get(job.id)
    data = {"id": job.id, "model": evaluation.model, "against": evaluation.against or None, "metrics": summary}
    events.emit(type="evaluation.job.succeeded", data=data, livemode=job.livemode)


def _prefix(job: Job) -> str:
    return keys.evaluation(job.tenant_id, job.id, job.attempt)
