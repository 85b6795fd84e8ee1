"""/v1/events: what happened, for who pulls instead of being told."""

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import checked
from api.pagination import page
from tenants.views import TenantView
from webhooks.api import inputs, rendering
from webhooks.event_types import EVENT_TYPES
from webhooks.services import endpoints, events

TYPE = OpenApiParameter("type", str, enum=EVENT_TYPES, description="Events of this type alone.")


class EventsView(TenantView):
    @extend_schema(operation_id="list_events", parameters=[*schema.PAGE, TYPE], responses=schema.LIST)
    def get(self, request: Request) -> Response:
        rows = inputs.filtered(request, "type", events.listed(), column="type", known=EVENT_TYPES)
        return Response(page(request, rows, rendering.event, filters=frozenset({"type"})))


class EventView(TenantView):
    @extend_schema(operation_id="get_event", responses=schema.OBJECT)
    def get(self, request: Request, event_id: str) -> Response:
        return Response(rendering.event(events.get(event_id)))


class ResendView(TenantView):
    scopes = {"POST": "admin"}

    @extend_schema(operation_id="resend_event", request=inputs.Resending, responses={202: schema.OBJECT})
    def post(self, request: Request, event_id: str) -> Response:
        """Sends the same bytes under the same `webhook-id` again: to one endpoint, or to every subscribed one."""
        asked = checked(inputs.Resending, request.data or {})
        event = events.get(event_id)
        named = asked.get("webhook_endpoint")
        queued = events.resend(by=self.by, event=event, endpoint=endpoints.get(named) if named is not None else None)
        return Response({"object": "event.resend", "event": event.id, "deliveries": [d.id for d in queued]}, status=202)
