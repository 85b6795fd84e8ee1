"""/v1/webhook_endpoints: where a tenant wants to be told. Shapes fit openai-python's `client.webhooks`."""

from datetime import UTC, datetime

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import checked
from api.pagination import by_metadata, page
from tenants.views import TenantView
from webhooks.api import inputs, rendering
from webhooks.event_types import EVENT_TYPES
from webhooks.models import Delivery
from webhooks.services import deliveries, endpoints, events

STATUS = OpenApiParameter("status", str, enum=Delivery.State.values, description="Deliveries in this state alone.")
WRITES_NEED_ADMIN = {"GET": "read", "POST": "admin", "DELETE": "admin"}


class EndpointsView(TenantView):
    scopes = WRITES_NEED_ADMIN
    secret_fields = ("signing_secret",)

    @extend_schema(operation_id="list_webhook_endpoints", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, by_metadata(request, endpoints.listed()), rendering.endpoint))

    @extend_schema(
        operation_id="create_webhook_endpoint", request=inputs.NewWebhookEndpoint, responses={201: schema.OBJECT}
    )
    def post(self, request: Request) -> Response:
        """The answer's `signing_secret` is shown this once."""
        asked = checked(inputs.NewWebhookEndpoint, request.data)
        issued = endpoints.create(by=self.by, livemode=self.principal.live, **asked)
        return Response(rendering.with_secret(issued), status=201)


class EndpointView(TenantView):
    scopes = WRITES_NEED_ADMIN

    @extend_schema(operation_id="get_webhook_endpoint", responses=schema.OBJECT)
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response(rendering.endpoint(endpoints.get(endpoint_id)))

    @extend_schema(
        operation_id="update_webhook_endpoint", request=inputs.WebhookEndpointChanges, responses=schema.OBJECT
    )
    def post(self, request: Request, endpoint_id: str) -> Response:
        """Changes what is given. Enabling a disabled endpoint starts it afresh; `recover` sends what it missed."""
        changes = checked(inputs.WebhookEndpointChanges, request.data)
        row = endpoints.update(by=self.by, endpoint=endpoints.get(endpoint_id), **changes)
        return Response(rendering.endpoint(row))

    @extend_schema(operation_id="delete_webhook_endpoint", responses=schema.OBJECT)
    def delete(self, request: Request, endpoint_id: str) -> Response:
        key = endpoints.delete(by=self.by, endpoint=endpoints.get(endpoint_id))
        return Response({"id": key, "object": "webhook_endpoint.deleted", "deleted": True})


class RotateSecretView(TenantView):
    scopes = WRITES_NEED_ADMIN
    secret_fields = ("signing_secret",)

    @extend_schema(operation_id="rotate_webhook_secret", request=inputs.Rotation, responses=schema.OBJECT)
    def post(self, request: Request, endpoint_id: str) -> Response:
        """A new secret, shown this once; the old one ends now unless it is kept for a day beside the new."""
        keep = checked(inputs.Rotation, request.data or {})["keep_old_secret_active_for_24_hours"]
        issued = endpoints.rotate_secret(by=self.by, endpoint=endpoints.get(endpoint_id), keep_old=keep)
        return Response(rendering.with_secret(issued))


class SendTestView(TenantView):
    scopes = WRITES_NEED_ADMIN

    @extend_schema(operation_id="test_webhook_endpoint", request=inputs.Sample, responses={202: schema.OBJECT})
    def post(self, request: Request, endpoint_id: str) -> Response:
        """Queues a sample event for this endpoint alone; how it went is told by its deliveries."""
        kind = checked(inputs.Sample, request.data or {})["event_type"]
        row = endpoints.get(endpoint_id)
        event = endpoints.send_test(by=self.by, endpoint=row, event_type=kind)
        about = {"webhook_endpoint_id": row.id, "event_type": kind, "event": event.id, "status_code": None}
        return Response({"object": "webhook_endpoint.test", **about}, status=202)


class RecoverView(TenantView):
    scopes = WRITES_NEED_ADMIN

    @extend_schema(operation_id="recover_webhook_endpoint", request=inputs.Recovery, responses={202: schema.OBJECT})
    def post(self, request: Request, endpoint_id: str) -> Response:
        """Sends again every event since `since` that this endpoint should have received and did not."""
        since = datetime.fromtimestamp(checked(inputs.Recovery, request.data)["since"], UTC)
        row = endpoints.get(endpoint_id)
        count = events.recover(by=self.by, endpoint=row, since=since)
        return Response(
            {"object": "webhook_endpoint.recovery", "webhook_endpoint_id": row.id, "events": count}, status=202
        )


class DeliveriesView(TenantView):
    @extend_schema(operation_id="list_webhook_deliveries", parameters=[*schema.PAGE, STATUS], responses=schema.LIST)
    def get(self, request: Request, endpoint_id: str) -> Response:
        """Every delivery with each attempt made, newest first."""
        rows = deliveries.listed(endpoints.get(endpoint_id))
        rows = inputs.filtered(request, "status", rows, column="state", known=Delivery.State.values)
        return Response(page(request, rows, rendering.delivery, filters=frozenset({"status"})))


class EventTypesView(TenantView):
    @extend_schema(operation_id="list_webhook_event_types", responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response({"object": "list", "data": list(EVENT_TYPES)})
