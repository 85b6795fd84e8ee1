"""Tasks, jobs and models as MLflow's protobuf messages spell them in JSON: times in ms, params and tags strings."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from contracts.task import LOWER_IS_BETTER
from jobs.models import Job, JobEvent
from training.models import FineTune, Model, Task

STATUSES = {
    Job.State.HELD: "RUNNING",  # its trials are
    Job.State.RUNNING: "RUNNING",
    Job.State.SUCCEEDED: "FINISHED",
    Job.State.FAILED: "FAILED",
    Job.State.CANCELLED: "KILLED",
}
WAITING = "SCHEDULED"


def ms(moment: datetime | None) -> int:
    """Since 1970; 0, protobuf's nothing, where there is none."""
    return int(moment.timestamp() * 1000) if moment else 0


def pairs(values: dict[str, Any]) -> list[dict[str, str]]:
    return [{"key": key, "value": str(value)} for key, value in values.items() if value is not None]


def experiment(task: Task) -> dict[str, Any]:
    about = {**task.metadata, "landfall.type": task.type, "landfall.metric": task.metric}
    return {
        "experiment_id": task.id,
        "name": task.name,
        "artifact_location": "",
        "lifecycle_stage": "active",
        "creation_time": ms(task.created_at),
        "last_update_time": ms(task.created_at),
        "tags": pairs(about),
    }


def run(row: FineTune, model: Model | None, events: Iterable[JobEvent]) -> dict[str, Any]:
    """`events`: the job's measurements in their order, the last of each name counts; the test's figures beside them."""
    job = row.job
    name = model.name if model else job.id
    return {
        "info": {
            "run_id": job.id,
            "run_uuid": job.id,
            "run_name": name,
            "experiment_id": row.task_id,
            "user_id": "",
            "status": STATUSES.get(Job.State(job.state), WAITING),
            "start_time": ms(job.started_at or job.created_at),
            "end_time": ms(job.finished_at),
            "artifact_uri": "",
            "lifecycle_stage": "active",
        },
        "data": {
            "metrics": list(_newest(events).values()) + _measured(job),
            "params": pairs(_params(row)),
            "tags": pairs({**job.metadata, "mlflow.runName": name, "landfall.model": model.id if model else None}),
        },
    }


def history(events: Iterable[JobEvent], key: str) -> list[dict[str, Any]]:
    return [_metric(key, event) for event in events if event.data.get(key) is not None]


def model_version(model: Model) -> dict[str, Any]:
    better = "lower" if model.task.metric in LOWER_IS_BETTER else "higher"
    about = {
        **model.metadata,
        "landfall.model": model.id,
        "landfall.metric": f"{model.task.metric}, {better} is better",
    }
    return {
        "name": model.task.name,
        "version": str(model.version),
        "creation_timestamp": ms(model.created_at),
        "last_updated_timestamp": ms(model.created_at),
        "current_stage": "None",
        "description": model.name,
        "source": model.id,
        "run_id": model.job_id,
        "status": "READY",
        "tags": pairs(about),
        "aliases": sorted(alias.name for alias in model.aliases.all()),
    }


def registered_model(task: Task, models: Iterable[Model]) -> dict[str, Any]:
    versions = [model_version(model) for model in models]
    return {
        "name": task.name,
        "creation_timestamp": ms(task.created_at),
        "last_updated_timestamp": versions[0]["creation_timestamp"] if versions else ms(task.created_at),
        "latest_versions": versions[:1],
        "tags": pairs(task.metadata),
        "aliases": [{"alias": alias, "version": one["version"]} for one in versions for alias in one["aliases"]],
    }


def _newest(events: Iterable[JobEvent]) -> dict[str, dict[str, Any]]:
    """By name."""
    return {
        key: _metric(key, event)
        for event in events
        for key, value in event.data.items()
        if key != "step" and value is not None
    }


def _metric(key: str, event: JobEvent) -> dict[str, Any]:
    return {"key": key, "value": event.data[key], "timestamp": ms(event.created_at), "step": event.data["step"]}


def _measured(job: Job) -> list[dict[str, Any]]:
    """What the test split said, under its own names."""
    return [
        {"key": key, "value": value, "timestamp": ms(job.finished_at), "step": 0}
        for key, value in (job.summary or {}).items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    ]


def _params(row: FineTune) -> dict[str, Any]:
    chosen = {"model": row.base_model, "method": row.method, "seed": row.seed, "dataset": row.dataset_id}
    return {**chosen, **row.hyperparameters}
