"""/v1/jobs: the work of every kind that takes time, in one list. Each is asked for and cancelled where its noun is."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.errors import NotFound
from api.pagination import by_metadata, page
from jobs.api.events import JobEventsView
from jobs.api.rendering import job_object
from jobs.models import Job
from jobs.models.job import MOMENT
from jobs.services.rows import JobRows
from tenants.views import TenantView

NAME = "job"
FILTERS = {"kind": "kind", "status": "state"}  # by the column that holds it


class EveryJob(JobRows[Job]):
    """Jobs as rows of themselves. Their ids begin with their kinds' prefixes; `moment` is what follows, and sorts."""

    def listed(self) -> QuerySet[Job]:
        rows: QuerySet[Job] = Job.objects.annotate(moment=MOMENT)
        return rows

    def get(self, key: str) -> Job:
        row: Job | None = Job.objects.filter(id=key).first()
        if row is None:
            raise NotFound(self.noun, key)
        return row

    def job(self, key: str) -> Job:
        return self.get(key)


EVERY = EveryJob(Job, "job")


def render(job: Job) -> dict[str, Any]:
    return job_object(job, NAME, kind=job.kind)


class JobsView(TenantView):
    @extend_schema(
        operation_id="list_jobs",
        parameters=[*schema.PAGE, OpenApiParameter("kind", str), OpenApiParameter("status", str)],
        responses=schema.LIST,
    )
    def get(self, request: Request) -> Response:
        rows = by_metadata(request, EVERY.listed())
        for name, column in FILTERS.items():
            if name in request.query_params:
                rows = rows.filter(**{column: request.query_params[name]})
        return Response(page(request, rows, render, by="moment", filters=frozenset(FILTERS)))


class JobView(TenantView):
    @extend_schema(operation_id="get_job", responses=schema.OBJECT)
    def get(self, request: Request, job_id: str) -> Response:
        return Response(render(EVERY.get(job_id)))


@extend_schema_view(get=extend_schema(operation_id="list_job_events"))
class EventsView(JobEventsView):
    rows, name = EVERY, NAME
