"""Tasks: defined on a data set, checked against its version, all faults at once."""

import difflib

from django.db.models import QuerySet

from api.errors import Conflict, NotFound
from contracts.codec import to_data
from contracts.decision import Decision, faults_of
from contracts.problems import Fault, Problem, echo
from contracts.task import CLASSES, LABEL, LABELS, MAX_LABELS, TASK_TYPES, Form, form_of
from tenants import audit
from training.models import Dataset, DatasetVersion, Task
from training.services import datasets

MOST_FAULTS = 20  # of one request


def create(
    *,
    by: str,
    name: str,
    kind: str,
    dataset: Dataset,
    labels: list[str] | None = None,
    metric: str | None = None,
    decision: Decision | None = None,
    live: bool = True,
    metadata: dict[str, str] | None = None,
) -> Task:
    """`labels` fixes the label set and its order; left out, it is what the data set holds, sorted."""
    version = datasets.ready_version(dataset)
    if faults := _kind_faults(kind, version):
        raise Problem.of(faults)
    form = form_of(kind, version.form)
    chosen = version.labels if labels is None else labels
    faults = _metric_faults(form, metric)
    if form.target is not None and form.target.content in CLASSES:
        faults += _label_faults(form.target.content, chosen, version)
    elif labels:
        message = f"{kind} in the form {form.name} has no labels. Leave them out."
        faults.append(Fault(code="label_count", message=message, param="labels"))
    said = decision or Decision()
    faults += faults_of(said, chosen, several=_several(form))
    if faults:
        raise Problem.of(faults)
    task: Task = Task.objects.create(
        name=name, type=kind, form=form.name, dataset=dataset, labels=chosen, metric=metric or form.metrics[0],
        decision=to_data(said), livemode=live, metadata=metadata or {},
    )  # fmt: skip
    audit.record(by=by, action="task.created", target=task.id, dataset=dataset.id)
    return task


def _several(form: Form) -> bool | None:
    """Whether a row has several labels that are decided one by one, or one; None: there is nothing to decide."""
    content = form.target.content if form.target else None
    return None if content not in (LABEL, LABELS) else content == LABELS


def _kind_faults(kind: str, version: DatasetVersion) -> list[Fault]:
    if kind not in TASK_TYPES:
        near = difflib.get_close_matches(kind, TASK_TYPES, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Types: {', '.join(TASK_TYPES)}."
        message = f"There is no task type {echo(kind)}. {hint}"
        return [Fault(code="unknown_task_type", message=message, param="type")]
    if version.task_kind != kind:
        message = f"The data set was read for {version.task_kind}; create one for {kind}."
        return [Fault(code="wrong_dataset_for_task", message=message, param="dataset")]
    return []


def _metric_faults(form: Form, metric: str | None) -> list[Fault]:
    if metric is None or metric in form.metrics:
        return []
    message = f"The metric of a task in the form {form.name} is one of: {', '.join(form.metrics)}."
    return [Fault(code="unknown_metric", message=message, param="metric")]


def _label_faults(content: str, labels: list[str], version: DatasetVersion) -> list[Fault]:
    faults = []
    if len(set(labels)) != len(labels):
        faults.append(Fault(code="duplicate_label", message="labels names a label twice.", param="labels"))
    fewest = 2 if content == LABEL else 1  # one answer among several, or each label yes or no
    if not fewest <= len(labels) <= MAX_LABELS:
        message = f"The task needs between {fewest} and {MAX_LABELS:,} labels, not {len(labels):,}."
        faults.append(Fault(code="label_count", message=message, param="labels"))
    for label in version.labels:
        if label not in labels and len(faults) < MOST_FAULTS:
            message = f"The data set holds the label {echo(label)}, which labels lacks: add it, or leave labels out."
            faults.append(Fault(code="unknown_label", message=message, param="labels"))
    counts: dict[str, dict[str, int]] = version.report["labels"]
    for label in labels:
        if counts.get(label, {}).get("train", 0) == 0 and len(faults) < MOST_FAULTS:
            message = f"The label {echo(label)} has no row to learn from; add rows or take it out of labels."
            faults.append(Fault(code="label_never_in_training", message=message, param="labels"))
    return faults


def listed() -> QuerySet[Task]:
    rows: QuerySet[Task] = Task.objects.all()
    return rows


def get(key: str) -> Task:
    """Raises `NotFound` for an absent or foreign id."""
    row: Task | None = Task.objects.filter(id=key).first()
    if row is None:
        raise NotFound("task", key)
    return row


def delete(*, by: str, key: str) -> None:
    """Refused while jobs or models refer to it."""
    task = get(key)
    if task.fine_tunes.exists() or task.models.exists():
        raise Conflict("task_in_use", f"Jobs or models belong to the task {task.id}; it is kept for them.", param="id")
    task.delete()
    audit.record(by=by, action="task.deleted", target=key)
