"""/v1/pretraining/jobs: base models of a tenant's own, learnt from texts without labels."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, StrictSerializer, Text, Whole, checked
from api.pagination import page
from contracts.fine_tune import Hyperparameters
from contracts.pretraining import AUTO, CHOICES, KEEP, TOKENIZERS
from jobs.api.events import JobEventsView, JobMetricsView
from jobs.api.rendering import job_object
from tenants.views import TenantView
from training.api.fine_tunes import AutoNumber, AutoWhole, render_hyperparameters
from training.models import Pretraining
from training.services import pretrainings

NAME = "pretraining.job"


class PretrainingNumbers(StrictSerializer):
    """Ranges are checked with everything else; left out or `auto` means that the engine chooses and says so."""

    n_epochs = AutoWhole(required=False)
    batch_size = AutoWhole(required=False)
    learning_rate_multiplier = AutoNumber(required=False)
    learning_rate = AutoNumber(required=False)
    weight_decay = AutoNumber(required=False)
    patience = AutoWhole(required=False)
    max_length = AutoWhole(required=False)


class NewPretraining(StrictSerializer):
    model = Text(max_length=100, help_text="A base model of /v1/models, or one of your own by its id.")
    dataset = Text(max_length=40, required=False, allow_null=True, help_text="A data set with texts.")
    training_file = Text(max_length=40, required=False, allow_null=True, help_text="Or a file that becomes one.")
    objective = Text(max_length=40, required=False, allow_null=True, help_text=f"One of {', '.join(CHOICES)}.")
    tokenizer = Text(max_length=20, required=False, allow_null=True, help_text=f"One of {', '.join(TOKENIZERS)}.")
    hyperparameters = PretrainingNumbers(required=False)
    seed = Whole(required=False, allow_null=True, min_value=0, max_value=2**31 - 1)
    suffix = Text(max_length=64, required=False, allow_null=True)
    metadata = Metadata(required=False, allow_null=True)


def asked_of(data: dict[str, Any]) -> pretrainings.Asked:
    return pretrainings.Asked(
        model=data["model"],
        dataset=data.get("dataset"),
        training_file=data.get("training_file"),
        objective=data.get("objective") or AUTO,
        tokenizer=data.get("tokenizer") or KEEP,
        hyperparameters=Hyperparameters(**data.get("hyperparameters", {})),
        seed=data.get("seed") or 0,
        suffix=data.get("suffix") or "",
        metadata=data.get("metadata") or {},
    )


def render(row: Pretraining) -> dict[str, Any]:
    model = pretrainings.model_of(row)
    return job_object(
        row.job,
        NAME,
        model=row.base_model,
        dataset=row.dataset_id,
        training_file=row.training_file or None,
        objective=row.objective,
        tokenizer=row.tokenizer,
        pretrained_model=model.id if model else None,
        hyperparameters=render_hyperparameters(row.hyperparameters),
        seed=row.seed,
        suffix=row.suffix or None,
    )


class PretrainingsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="list_pretraining_jobs", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, pretrainings.ROWS.listed(), render))

    @extend_schema(operation_id="create_pretraining_job", request=NewPretraining, responses=schema.OBJECT)
    def post(self, request: Request) -> Response:
        """Learns from texts without labels; what comes out is a base model for fine-tunes."""
        asked = asked_of(checked(NewPretraining, request.data))
        return Response(render(pretrainings.create(by=self.by, asked=asked, live=self.principal.live)))


class PretrainingView(TenantView):
    @extend_schema(operation_id="get_pretraining_job", responses=schema.OBJECT)
    def get(self, request: Request, job_id: str) -> Response:
        return Response(render(pretrainings.ROWS.get(job_id)))


class CancelPretrainingView(TenantView):
    @extend_schema(operation_id="cancel_pretraining_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """A waiting job ends at once; a running one within two seconds; a finished one is left as it is (400)."""
        return Response(render(pretrainings.cancel(by=self.by, key=job_id)))


@extend_schema_view(get=extend_schema(operation_id="list_pretraining_events"))
class PretrainingEventsView(JobEventsView):
    rows, name = pretrainings.ROWS, NAME


@extend_schema_view(get=extend_schema(operation_id="list_pretraining_metrics"))
class PretrainingMetricsView(JobMetricsView):
    rows, name = pretrainings.ROWS, NAME
