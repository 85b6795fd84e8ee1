"""/v1/evaluation/jobs and /v1/models/{id}/evaluations: how good a published model is, or which of two is better."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, StrictSerializer, Text, checked
from api.pagination import page
from jobs.api.events import JobEventsView
from jobs.api.rendering import job_object
from tenants.scoping import tenant_context
from tenants.views import TenantView
from training.api import reports
from training.models import Evaluation
from training.services import evaluations, models

NAME = "evaluation.job"


class NewEvaluation(StrictSerializer):
    model = Text(max_length=40, help_text="One of your own models.")
    against = Text(max_length=40, required=False, allow_null=True, help_text="Another one, for the same labels.")
    dataset = Text(max_length=40, required=False, allow_null=True, help_text="The model's own when left out.")
    metadata = Metadata(required=False, allow_null=True)


def render(row: Evaluation) -> dict[str, Any]:
    return job_object(
        row.job,
        NAME,
        model=row.model,
        against=row.against or None,
        dataset_version=row.dataset_version,
        metrics=row.job.summary,
    )


class EvaluationsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="list_evaluation_jobs", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, evaluations.ROWS.listed(), render))

    @extend_schema(operation_id="create_evaluation_job", request=NewEvaluation, responses={202: schema.OBJECT})
    def post(self, request: Request) -> Response:
        """Asks the published files of one model, or of two, on the test split that none of them was trained on."""
        given = checked(NewEvaluation, request.data)
        asked = evaluations.Asked(**{**given, "metadata": given.get("metadata") or {}})
        row = evaluations.create(by=self.by, asked=asked, live=self.principal.live)
        return Response(render(row), status=202)


class EvaluationView(TenantView):
    @extend_schema(operation_id="get_evaluation_job", responses=schema.OBJECT)
    def get(self, request: Request, job_id: str) -> Response:
        return Response(render(evaluations.ROWS.get(job_id)))


class CancelEvaluationView(TenantView):
    @extend_schema(operation_id="cancel_evaluation_job", request=None, responses=schema.OBJECT)
    def post(self, request: Request, job_id: str) -> Response:
        """A waiting job ends at once; a running one within two seconds; a finished one is left as it is (400)."""
        return Response(render(evaluations.cancel(by=self.by, key=job_id)))


@extend_schema_view(get=extend_schema(operation_id="list_evaluation_events"))
class EvaluationEventsView(JobEventsView):
    rows, name = evaluations.ROWS, NAME


class EvaluationReportView(TenantView):
    own_context = True

    @extend_schema(operation_id="get_evaluation_report", parameters=[reports.PARAMETER], responses=reports.RESPONSES)
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        """The verdict, the figures behind it, and the rows on which two models disagree."""
        form = reports.asked_format(request)
        with tenant_context(self.tenant):
            row = evaluations.ROWS.get(job_id)
        return reports.answer(evaluations.report(row, form=form), form)


class ModelEvaluationsView(TenantView):
    @extend_schema(operation_id="list_model_evaluations", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, model_id: str) -> Response:
        return Response(page(request, evaluations.of_model(models.get(model_id)), render))
