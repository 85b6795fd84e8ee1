"""/v1/fine_tuning/jobs: OpenAI's fine-tuning API, with Landfall's fields beside OpenAI's."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, Number, StrictSerializer, Text, Whole, checked
from api.pagination import page
from contracts.compression import Compression
from contracts.fine_tune import METHODS, WEIGHTINGS, Hyperparameters
from contracts.search import Search
from jobs.api.events import JobEventsView, JobMetricsView
from jobs.api.rendering import job_object
from jobs.models import Job
from tenants.views import TenantView
from training.api.compressions import CompressionIn
from training.api.searches import SearchIn
from training.models import FineTune
from training.services import fine_tunes

NAME = "fine_tuning.job"
OPENAIS = ("n_epochs", "batch_size", "learning_rate_multiplier")  # in every answer of theirs; `auto` where not given


class Auto:
    """OpenAI's clients send the word `auto` where they mean: you choose."""

    def to_internal_value(self, data: Any) -> Any:
        return None if data == "auto" else super().to_internal_value(data)  # type: ignore[misc]


class AutoWhole(Auto, Whole):
    pass


class AutoNumber(Auto, Number):
    pass


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": list(WEIGHTINGS)},
            {"type": "object", "additionalProperties": {"type": "number"}},
        ]
    }
)
class ClassWeights(serializers.Field[Any, Any, Any, Any]):
    """`none`, `auto`, or what a row of each label counts, 1 where left out."""

    def to_internal_value(self, data: Any) -> str | dict[str, float]:
        if isinstance(data, str):
            return data
        weights: dict[str, float] = serializers.DictField(child=Number()).run_validation(data)
        return weights


class HyperparametersIn(StrictSerializer):
    """Ranges are checked with everything else; left out or `auto` means that the engine chooses and says so."""

    n_epochs = AutoWhole(required=False)
    batch_size = AutoWhole(required=False)
    learning_rate_multiplier = AutoNumber(required=False)
    learning_rate = AutoNumber(required=False)
    lora_rank = AutoWhole(required=False)
    weight_decay = AutoNumber(required=False)
    label_smoothing = AutoNumber(required=False)
    patience = AutoWhole(required=False)
    max_length = AutoWhole(required=False)
    class_weights = ClassWeights(required=False)


class Supervised(StrictSerializer):
    hyperparameters = HyperparametersIn(required=False)


class OpenAIMethod(StrictSerializer):
    type = serializers.ChoiceField(choices=["supervised"])
    supervised = Supervised(required=False)


@extend_schema_field({"oneOf": [{"type": "string", "enum": list(METHODS)}, {"type": "object"}]})
class Method(serializers.Field[Any, Any, Any, Any]):
    """One of Landfall's methods by name, or OpenAI's `{"type": "supervised", "supervised": {...}}`."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if isinstance(data, str):
            if data not in METHODS:
                raise serializers.ValidationError(f"Must be one of: {', '.join(METHODS)}.", code="invalid_choice")
            return {"name": data, "hyperparameters": {}}
        given = checked(OpenAIMethod, data)
        return {"name": "auto", "hyperparameters": given.get("supervised", {}).get("hyperparameters", {})}


DEPLOY_TO = {"type": "object", "properties": {"endpoint": {"type": "string"}}, "required": ["endpoint"]}


@extend_schema_field({"oneOf": [{"type": "boolean"}, DEPLOY_TO]})
class Deploy(serializers.Field[Any, Any, Any, Any]):
    """`true`: to an endpoint named after the task; `{"endpoint": "parts"}`: to that one; `false`: nowhere."""

    def to_internal_value(self, data: Any) -> bool | str:
        if isinstance(data, bool):
            return data
        name: str = checked(DeployTo, data)["endpoint"]
        return name


class DeployTo(StrictSerializer):
    endpoint = serializers.RegexField(r"^[a-z0-9][a-z0-9-]{0,49}$", help_text="a-z, 0-9 and -, at most 50.")


class NewFineTune(StrictSerializer):
    model = Text(max_length=100, help_text="A base model of /v1/models, e.g. minilm-l6.")
    training_file = Text(max_length=40)
    task = Text(max_length=40, help_text="What is to be learnt; OpenAI's SDK sends it through extra_body.")
    dataset = Text(max_length=40, required=False, help_text="The data set to train on; else the file becomes one.")
    method = Method(required=False, allow_null=True)
    hyperparameters = HyperparametersIn(required=False)
    seed = Whole(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)
    suffix = Text(max_length=64, required=False, allow_null=True)
    deploy = Deploy(required=False)
    compression = CompressionIn(required=False, allow_null=True)
    search = SearchIn(required=False, allow_null=True)
    metadata = Metadata(required=False, allow_null=True)


def asked_of(data: dict[str, Any]) -> fine_tunes.Asked:
    method = data.get("method") or {"name": "auto", "hyperparameters": {}}
    given = {**data.get("hyperparameters", {}), **method["hyperparameters"]}
    deploy = data.get("deploy", False)
    return fine_tunes.Asked(
        model=data["model"],
        training_file=data["training_file"],
        task=data["task"],
        dataset=data.get("dataset"),
        method=method["name"],
        hyperparameters=Hyperparameters(**given),
        seed=data.get("seed") or 0,
        suffix=data.get("suffix") or "",
        deploy=deploy,
        compression=Compression(**data["compression"]) if data.get("compression") is not None else None,
        search=Search(**data["search"]) if data.get("search") is not None else None,
        metadata=data.get("metadata") or {},
    )


def render_hyperparameters(given: dict[str, Any]) -> dict[str, Any]:
    """OpenAI's three always, ours where they were given."""
    chosen = {name: value for name, value in given.items() if value is not None}
    return {**dict.fromkeys(OPENAIS, "auto"), **chosen}


def render(row: FineTune) -> dict[str, Any]:
    model = fine_tunes.model_of(row)
    return job_object(
        row.job,
        NAME,
        model=row.base_model,
        training_file=row.training_file,
        validation_file=None,
        task=row.task_id,
        dataset=row.dataset_id,
        fine_tuned_model=model.id if model else None,
        hyperparameters=render_hyperparameters(row.hyperparameters),
        method={"type": "supervised", "name": row.method},
        seed=row.seed,
        suffix=row.suffix or None,
        endpoint=row.endpoint or None,
        compression=row.compression,
        search={**row.search, "chosen_trial": row.chosen} if row.search else None,
        status="running" if row.job.state == Job.State.HELD else row.job.state,  # OpenAI knows no other word
        organization_id=f"org_{row.tenant_id.hex}",
        result_files=[],
        integrations=[],
        trained_tokens=None,
        estimated_finish=None,
    )


class FineTunesView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="list_fine_tuning_jobs", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, fine_tunes.ROWS.listed(), render))

    @extend_schema(operation_id="create_fine_tuning_job", request=NewFineTune, responses=schema.OBJECT)
    def post(self, request: Request) -> Response:
        """Accepted means committed: the job ends in exactly one of succeeded, failed or cancelled."""
        asked = asked_of(checked(NewFineTune, request.data))
        return Response(render(fine_tunes.create(by=self.by, asked=asked, live=self.principal.live)))


class FineTuneView(TenantView):
    @extend_schema(operation_id="get_fine_tuning_job", responses=schema.OBJECT)
    def get(self, request: Request, job_id: str) -> Response:
        return Response(render(fine_tunes.ROWS.get(job_id)))


class CancelView(TenantView):
    @extend_schema(operation_id="cancel_fine_tuning_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """A waiting job ends at once; a running one within two seconds; a finished one is left as it is (400)."""
        return Response(render(fine_tunes.cancel(by=self.by, key=job_id)))


class StopSearchView(TenantView):
    @extend_schema(operation_id="stop_fine_tuning_search", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """The search ends with what it has found: the model is trained with the settings of the best trial so far."""
        return Response(render(fine_tunes.stop_search(by=self.by, key=job_id)))


class PauseView(TenantView):
    @extend_schema(operation_id="pause_fine_tuning_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """A queued job rests at once, a running one after a checkpoint, a validating one once its data is there."""
        return Response(render(fine_tunes.ROWS.pause(by=self.by, key=job_id)))


class ResumeView(TenantView):
    @extend_schema(operation_id="resume_fine_tuning_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """It is queued, and goes on from its checkpoint as if it had never stopped."""
        return Response(render(fine_tunes.ROWS.resume(by=self.by, key=job_id)))


@extend_schema_view(get=extend_schema(operation_id="list_fine_tuning_events"))
class EventsView(JobEventsView):
    rows, name = fine_tunes.ROWS, NAME


@extend_schema_view(get=extend_schema(operation_id="list_fine_tuning_metrics"))
class MetricsView(JobMetricsView):
    rows, name = fine_tunes.ROWS, NAME
