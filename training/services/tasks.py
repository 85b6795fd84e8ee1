"""Tasks: defined on a data set, checked against its version, all faults at once."""

from django.db.models import QuerySet

from api.errors import Conflict, NotFound
from contracts.problems import Fault, Problem, echo
from contracts.task import MAX_LABELS, METRICS, OFFERED
from tenants import audit
from training.models import Dataset, DatasetVersion, Task
from training.services import datasets


def create(
    *,
    by: str,
    name: str,
    kind: str,
    dataset: Dataset,
    labels: list[str] | None = None,
    metric: str | None = None,
    live: bool = True,
    metadata: dict[str, str] | None = None,
) -> Task:
    """`labels` fixes the label set and its order; left out, it is what the data set holds, sorted."""
    version = datasets.ready_version(dataset)
    chosen = version.labels if labels is None else labels
    if faults := [*_kind_faults(kind, metric, version), *_label_faults(chosen, version)]:
        raise Problem.of(faults)
    task: Task = Task.objects.create(
        name=name, type=kind, dataset=dataset, labels=chosen, metric=metric or METRICS[kind][0], livemode=live,
        metadata=metadata or {},
    )  # fmt: skip
    audit.record(by=by, action="task.created", target=task.id, dataset=dataset.id)
    return task


def _kind_faults(kind: str, metric: str | None, version: DatasetVersion) -> list[Fault]:
    if kind not in OFFERED:
        message = f"There is no task type {echo(kind)}; offered: {', '.join(OFFERED)}."
        return [Fault(code="unknown_task_type", message=message, param="type")]
    faults = []
    if metric is not None and metric not in METRICS[kind]:
        message = f"The metric of {kind} is one of: {', '.join(METRICS[kind])}."
        faults.append(Fault(code="unknown_metric", message=message, param="metric"))
    if version.task_kind != kind:
        message = f"The data set was read for {version.task_kind}; create one for {kind}."
        faults.append(Fault(code="wrong_dataset_for_task", message=message, param="dataset"))
    return faults


def _label_faults(labels: list[str], version: DatasetVersion) -> list[Fault]:
    faults = []
    if len(set(labels)) != len(labels):
        faults.append(Fault(code="duplicate_label", message="labels names a label twice.", param="labels"))
    if not 2 <= len(labels) <= MAX_LABELS:
        message = f"A classification needs between 2 and {MAX_LABELS:,} labels, not {len(labels):,}."
        faults.append(Fault(code="label_count", message=message, param="labels"))
    for label in version.labels:
        if label not in labels and len(faults) < 20:
            message = f"The data set holds the label {echo(label)}, which labels lacks: add it, or leave labels out."
            faults.append(Fault(code="unknown_label", message=message, param="labels"))
    counts: dict[str, dict[str, int]] = version.report["labels"]
    for label in labels:
        if counts.get(label, {}).get("train", 0) == 0 and len(faults) < 20:
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
