"""A job's events: a list as OpenAI has it, or, with `?stream=true`, server-sent events; and its measurements.

Streams follow the HTML standard's event-stream format; the event's number is its id, so that a client that lost its
connection goes on with `Last-Event-ID`. The stream ends with `event: done` after the job's last event.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.db import connection
from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.pagination import page
from contracts.problems import Problem
from jobs.api.rendering import event_object
from jobs.services import events
from jobs.services.rows import JobRows
from tenants.scoping import tenant_context
from tenants.views import TenantView

LOOK_EVERY_S = 0.4
KEEP_ALIVE_S = 15.0
LONGEST_S = 3_600.0  # a client that still listens reconnects with Last-Event-ID
AT_ONCE = 200  # events read in one look


class JobEventsView(TenantView):
    """`rows`: of which kind of job; `name`: the job's object type."""

    own_context = True
    rows: ClassVar[JobRows[Any]]
    name: ClassVar[str]

    @extend_schema(
        parameters=[*schema.PAGE, OpenApiParameter("stream", bool, description="Server-sent events, live.")],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        with tenant_context(self.tenant):
            job = self.rows.job(job_id)
            if request.query_params.get("stream") != "true":
                show = partial(event_object, name=self.name)
                return Response(page(request, events.of(job), show, by="number", filters=frozenset({"stream"})))
        seen = _last_seen(request.headers.get("Last-Event-ID", ""))
        frames = stream(self.tenant, self.rows, job_id, seen, name=self.name)
        response = StreamingHttpResponse(frames, content_type="text/event-stream")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


class JobMetricsView(TenantView):
    """The job's measurements by step: `data` holds step, train_loss, valid_accuracy and the like."""

    rows: ClassVar[JobRows[Any]]
    name: ClassVar[str]

    @extend_schema(parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, job_id: str) -> Response:
        found = events.of(self.rows.job(job_id)).filter(type="metrics")
        return Response(page(request, found, partial(event_object, name=self.name), by="number"))


def _last_seen(header: str) -> int:
    if header and not (header.isascii() and header.isdigit() and len(header) < 18):
        raise Problem(
            "invalid_header", "Last-Event-ID must be the id of an event of this stream.", param="Last-Event-ID"
        )
    return int(header or 0)


async def stream(tenant: UUID, rows: JobRows[Any], job_id: str, seen: int, *, name: str) -> AsyncIterator[str]:
    """Frames of the event stream, from the event after `seen` to the job's end."""
    quiet = waited = 0.0
    while waited < LONGEST_S:
        told, finished = await sync_to_async(_look)(tenant, rows, job_id, seen, name)
        for number, event in told:
            seen, quiet = number, 0.0
            yield f"id: {number}\nevent: {event['object']}\ndata: {json.dumps(event)}\n\n"
        if finished and len(told) < AT_ONCE:
            yield "event: done\ndata: [DONE]\n\n"
            return
        if quiet >= KEEP_ALIVE_S:
            quiet = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_S)
        quiet, waited = quiet + LOOK_EVERY_S, waited + LOOK_EVERY_S


def _look(
    tenant: UUID, rows: JobRows[Any], job_id: str, seen: int, name: str
) -> tuple[list[tuple[int, dict[str, Any]]], bool]:
    """New events, and whether the job had ended before they were read. Gives the connection back to the pool."""
    try:
        with tenant_context(tenant):
            job = rows.job(job_id)
            found = events.of(job).filter(number__gt=seen).order_by("number")[:AT_ONCE]
            return [(row.number, event_object(row, name)) for row in found], job.finished_at is not None
    finally:
        connection.close()
