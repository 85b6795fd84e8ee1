"""/v1/fine_tuning/jobs/{id}/events: a list as OpenAI has it, or, with `?stream=true`, server-sent events.

Streams follow the HTML standard's event-stream format; the event's number is its id, so that a client that lost its
connection goes on with `Last-Event-ID`. The stream ends with `event: done` after the job's last event.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
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
from tenants.scoping import tenant_context
from tenants.views import TenantView
from training.api.fine_tunes import render_event
from training.services import fine_tunes

LOOK_EVERY_S = 0.4
KEEP_ALIVE_S = 15.0
LONGEST_S = 3_600.0  # a client that still listens reconnects with Last-Event-ID
AT_ONCE = 200  # events read in one look


class EventsView(TenantView):
    own_context = True

    @extend_schema(
        operation_id="list_fine_tuning_events",
        parameters=[*schema.PAGE, OpenApiParameter("stream", bool, description="Server-sent events, live.")],
        responses={(200, "application/json"): OpenApiTypes.OBJECT, (200, "text/event-stream"): OpenApiTypes.STR},
    )
    def get(self, request: Request, job_id: str) -> HttpResponseBase:
        with tenant_context(self.tenant):
            fine_tune = fine_tunes.get(job_id)
            if request.query_params.get("stream") != "true":
                rows = fine_tunes.events_of(fine_tune)
                return Response(page(request, rows, render_event, by="number", filters=frozenset({"stream"})))
        seen = _last_seen(request.headers.get("Last-Event-ID", ""))
        response = StreamingHttpResponse(stream(self.tenant, job_id, seen), content_type="text/event-stream")
        response["Cache-Control"] = "no-store"
        response["X-Accel-Buffering"] = "no"
        return response


def _last_seen(header: str) -> int:
    if header and not (header.isascii() and header.isdigit() and len(header) < 18):
        raise Problem(
            "invalid_header", "Last-Event-ID must be the id of an event of this stream.", param="Last-Event-ID"
        )
    return int(header or 0)


async def stream(tenant: UUID, job_id: str, seen: int) -> AsyncIterator[str]:
    """Frames of the event stream, from the event after `seen` to the job's end."""
    quiet = waited = 0.0
    while waited < LONGEST_S:
        events, finished = await sync_to_async(_look)(tenant, job_id, seen)
        for number, event in events:
            seen, quiet = number, 0.0
            yield f"id: {number}\nevent: {event['object']}\ndata: {json.dumps(event)}\n\n"
        if finished and len(events) < AT_ONCE:
            yield "event: done\ndata: [DONE]\n\n"
            return
        if quiet >= KEEP_ALIVE_S:
            quiet = 0.0
            yield ": still here\n\n"
        await asyncio.sleep(LOOK_EVERY_S)
        quiet, waited = quiet + LOOK_EVERY_S, waited + LOOK_EVERY_S


def _look(tenant: UUID, job_id: str, seen: int) -> tuple[list[tuple[int, dict[str, Any]]], bool]:
    """New events, and whether the job had ended before they were read. Gives the connection back to the pool."""
    try:
        with tenant_context(tenant):
            fine_tune = fine_tunes.get(job_id)
            rows = fine_tunes.events_of(fine_tune).filter(number__gt=seen).order_by("number")[:AT_ONCE]
            return [(row.number, render_event(row)) for row in rows], fine_tune.job.finished_at is not None
    finally:
        connection.close()
