"""/v1/compression/jobs: a model of your own made smaller and faster, kept where it holds a contract."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, Number, StrictSerializer, Text, Whole, checked
from api.pagination import page
from contracts.compression import EXPORTS, METHODS, Compression
from jobs.api.events import JobEventsView, JobMetricsView
from jobs.api.rendering import job_object
from tenants.views import TenantView
from training.models import CompressionJob
from training.services import compressions

NAME = "compression.job"


class CompressionIn(StrictSerializer):
    """A smaller and faster form of a model, kept where it holds this contract."""

    method = Text(max_length=20, required=False, help_text=f"One of {', '.join(METHODS)}.")
    max_loss = Number(required=False, help_text="Of the metric: percentage points of a share, else its own unit.")
    min_speedup = Number(required=False, help_text="Texts a second, against the original.")
    share = Number(required=False, help_text="Of the weights or neurons that go, between 0 and 1.")
    layers = Whole(required=False, help_text="That stay.")
    student = Text(max_length=100, required=False, help_text="The base model that learns from the original.")
    epochs = Whole(required=False, help_text="Of training after the cut.")
    then = Text(max_length=20, required=False, help_text=f"What is made of the smaller model: {', '.join(EXPORTS)}.")


class NewCompression(StrictSerializer):
    model = Text(max_length=40, help_text="One of your own models, by its id.")
    compression = CompressionIn()
    suffix = Text(max_length=64, required=False, allow_null=True)
    metadata = Metadata(required=False, allow_null=True)


def render(row: CompressionJob) -> dict[str, Any]:
    """`result`: the figures of both models, whichever way it ended; None before."""
    made = compressions.model_of(row)
    return job_object(
        row.job,
        NAME,
        model=row.source,
        task=row.task_id,
        dataset_version=row.dataset_version_id,
        compression=row.compression,
        suffix=row.suffix or None,
        compressed_model=made.id if made else None,
        result=row.result,
    )


class CompressionsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="list_compression_jobs", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, compressions.ROWS.listed(), render))

    @extend_schema(operation_id="create_compression_job", request=NewCompression, responses=schema.OBJECT)
    def post(self, request: Request) -> Response:
        """Measured on the test rows that the model was judged by; a new model only where the contract is held."""
        data = checked(NewCompression, request.data)
        asked = compressions.Asked(
            model=data["model"],
            compression=Compression(**data["compression"]),
            suffix=data.get("suffix") or "",
            metadata=data.get("metadata") or {},
        )
        return Response(render(compressions.create(by=self.by, asked=asked, live=self.principal.live)))


class CompressionView(TenantView):
    @extend_schema(operation_id="get_compression_job", responses=schema.OBJECT)
    def get(self, request: Request, job_id: str) -> Response:
        return Response(render(compressions.ROWS.get(job_id)))


class CompressionCancelView(TenantView):
    @extend_schema(operation_id="cancel_compression_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """A waiting job ends at once; a running one within two seconds; a finished one is left as it is (400)."""
        return Response(render(compressions.cancel(by=self.by, key=job_id)))


@extend_schema_view(get=extend_schema(operation_id="list_compression_events"))
class CompressionEventsView(JobEventsView):
    rows, name = compressions.ROWS, NAME


@extend_schema_view(get=extend_schema(operation_id="list_compression_metrics"))
class CompressionMetricsView(JobMetricsView):
    rows, name = compressions.ROWS, NAME
