"""MLflow's read calls, with its error shape: `{"error_code", "message"}`."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ApiError, NotFound, as_api_error
from contracts.problems import Problem
from jobs.models import JobEvent
from tenants.views import TenantView
from training.api.mlflow import rendering, searching
from training.api.mlflow.searching import Column, json, named
from training.models import FineTune, Model, ModelAlias, Task
from training.services import fine_tunes

CODES = {
    400: "INVALID_PARAMETER_VALUE",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    429: "REQUEST_LIMIT_EXCEEDED",
    503: "TEMPORARILY_UNAVAILABLE",
}
MOST = 1_000  # of anything, in one answer

RUN_COLUMNS = {
    "metric": Column(json("job__summary", text=False), numeric=True),
    "tag": Column(json("job__metadata")),
    "param": Column(lambda name: named(model="base_model", method="method")(name) or json("hyperparameters")(name)),
    "attribute": Column(named(run_id="job_id", start_time="job__started_at", end_time="job__finished_at")),
}
TASK_COLUMNS = {"attribute": Column(named(name="name", creation_time="created_at")), "tag": Column(json("metadata"))}
MODEL_COLUMNS = {"attribute": Column(named(name="task__name", run_id="job_id")), "tag": Column(json("metadata"))}


@extend_schema(exclude=True)  # MLflow's own documentation describes it
class MlflowView(TenantView):
    """Reads only, whatever the method: MLflow posts its searches."""

    scopes: ClassVar[dict[str, str]] = {"GET": "read", "POST": "read"}

    def handle_exception(self, exc: Exception) -> Response:
        told: ApiError = as_api_error(exc)
        body = {"error_code": CODES.get(told.status, "INTERNAL_ERROR"), "message": told.message}
        return Response(body, status=told.status, headers=told.headers)


class ExperimentView(MlflowView):
    def get(self, request: Request) -> Response:
        return Response({"experiment": rendering.experiment(_task(_given(request, "experiment_id")))})


class ExperimentByNameView(MlflowView):
    def get(self, request: Request) -> Response:
        return Response({"experiment": rendering.experiment(_task(_given(request, "experiment_name")))})


class ExperimentsView(MlflowView):
    def post(self, request: Request) -> Response:
        return Response(
            _searched(Task.objects.all(), request.data, TASK_COLUMNS, "experiments", _each(rendering.experiment))
        )


class RunView(MlflowView):
    def get(self, request: Request) -> Response:
        row = fine_tunes.ROWS.get(_given(request, "run_id"))
        return Response({"run": _runs([row])[0]})


class RunsView(MlflowView):
    def post(self, request: Request) -> Response:
        asked = request.data if isinstance(request.data, dict) else {}
        within = asked.get("experiment_ids") or []
        rows = fine_tunes.ROWS.listed().filter(task_id__in=_strings(within, "experiment_ids"))
        return Response(_searched(rows, asked, RUN_COLUMNS, "runs", _runs))


class MetricHistoryView(MlflowView):
    def get(self, request: Request) -> Response:
        row = fine_tunes.ROWS.get(_given(request, "run_id"))
        return Response({"metrics": rendering.history(_measurements([row]), _given(request, "metric_key"))})


class RegisteredModelView(MlflowView):
    def get(self, request: Request) -> Response:
        task = _task(_given(request, "name"), noun="registered model")
        return Response({"registered_model": rendering.registered_model(task, _models().filter(task=task))})


class RegisteredModelsView(MlflowView):
    def get(self, request: Request) -> Response:
        tasks = Task.objects.filter(id__in=Model.objects.values("task"))
        return Response(_searched(tasks, request.query_params, TASK_COLUMNS, "registered_models", _registered))


class AliasView(MlflowView):
    def get(self, request: Request) -> Response:
        task, name = _task(_given(request, "name"), noun="registered model"), _given(request, "alias")
        alias = ModelAlias.objects.filter(task=task, name=name).first()
        if alias is None:
            raise NotFound("alias", name)
        return Response({"model_version": rendering.model_version(_models().get(id=alias.model_id))})


class ModelVersionView(MlflowView):
    def get(self, request: Request) -> Response:
        task, version = _task(_given(request, "name"), noun="registered model"), _given(request, "version")
        found = _models().filter(task=task, version=int(version)).first() if _small(version) else None
        if found is None:
            raise NotFound("model version", version)
        return Response({"model_version": rendering.model_version(found)})


class ModelVersionsView(MlflowView):
    def get(self, request: Request) -> Response:
        found = _searched(
            _models(), request.query_params, MODEL_COLUMNS, "model_versions", _each(rendering.model_version)
        )
        return Response(found)


def _given(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value or "\x00" in value:
        raise Problem("missing_parameter", f"Send the parameter {name}.", param=name)
    return value


def _strings(values: Any, name: str) -> list[str]:
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values) or len(values) > MOST:
        raise Problem("wrong_type", f"{name} must be a list of at most {MOST:,} strings.", param=name)
    return values


def _small(number: str) -> bool:
    return number.isascii() and number.isdigit() and len(number) < 10


def _task(name: str, *, noun: str = "experiment") -> Task:
    """By its id, or the newest of that name. Raises `NotFound`."""
    found: Task | None = Task.objects.filter(id=name).first() or Task.objects.filter(name=name).order_by("-id").first()
    if found is None:
        raise NotFound(noun, name)
    return found


def _models() -> QuerySet[Model]:
    """Those that belong to a task, newest first."""
    rows: QuerySet[Model] = Model.objects.select_related("task").prefetch_related("aliases").order_by("-id")
    return rows


def _searched(
    rows: Any, asked: Any, columns: dict[str, Column], noun: str, render: Callable[[list[Any]], list[dict[str, Any]]]
) -> dict[str, Any]:
    """One page, `max_results` rows from the place that `page_token` names."""
    limit, token = str(asked.get("max_results") or MOST), str(asked.get("page_token") or "0")
    if not (_small(limit) and _small(token) and int(limit) > 0):
        raise Problem("out_of_range", f"max_results must lie between 1 and {MOST:,}.", param="max_results")
    text, order = asked.get("filter") or "", asked.get("order_by") or []
    if not isinstance(text, str) or "\x00" in text:
        raise Problem("wrong_type", "filter must be a string.", param="filter")
    order = _strings(order if isinstance(order, list) else [order], "order_by")
    begin, end = int(token), int(token) + min(int(limit), MOST)
    found = list(
        searching.ordered(searching.filtered(rows, text, columns), order, columns, last="-pk")[begin : end + 1]
    )
    more = {"next_page_token": str(end)} if len(found) > end - begin else {}
    return {noun: render(found[: end - begin]), **more}


def _each(render: Callable[[Any], dict[str, Any]]) -> Callable[[list[Any]], list[dict[str, Any]]]:
    return lambda rows: [render(row) for row in rows]


def _measurements(rows: Iterable[FineTune]) -> QuerySet[JobEvent]:
    found: QuerySet[JobEvent] = JobEvent.objects.filter(job__in=[row.job_id for row in rows], type="metrics")
    return found.order_by("number")


def _runs(rows: list[FineTune]) -> list[dict[str, Any]]:
    told: dict[str, list[JobEvent]] = defaultdict(list)
    for event in _measurements(rows):
        told[event.job_id].append(event)
    models = {model.job_id: model for model in Model.objects.filter(job__in=[row.job_id for row in rows])}
    return [rendering.run(row, models.get(row.job_id), told[row.job_id]) for row in rows]


def _registered(tasks: list[Task]) -> list[dict[str, Any]]:
    versions: dict[str, list[Model]] = defaultdict(list)
    for model in _models().filter(task__in=tasks):
        versions[model.task_id].append(model)
    return [rendering.registered_model(task, versions[task.id]) for task in tasks]
