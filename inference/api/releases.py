"""/v1/endpoints/{id}/releases and /rollback: which model answers."""

from functools import partial

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import StrictSerializer, Text, checked
from api.pagination import page
from inference.api import rendering
from inference.services import endpoints, releases
from tenants.views import TenantView


class NewRelease(StrictSerializer):
    model = Text(help_text="Id of a model of yours, of the endpoint's task type.")


class Nothing(StrictSerializer):
    """No fields: what to go back to is known."""


class ReleasesView(TenantView):
    @extend_schema(operation_id="list_releases", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, endpoint_id: str) -> Response:
        row = endpoints.find(endpoint_id)
        return Response(page(request, releases.listed(row), partial(rendering.release, of=row)))

    @extend_schema(operation_id="create_release", request=NewRelease, responses={201: schema.OBJECT})
    def post(self, request: Request, endpoint_id: str) -> Response:
        """The model answers within seconds; requests under way are answered by the model before it."""
        row = endpoints.find(endpoint_id)
        made = releases.release(by=self.by, endpoint=row, model=checked(NewRelease, request.data)["model"])
        return Response(rendering.release(made, of=endpoints.find(row.id)), status=201)


class RollbackView(TenantView):
    @extend_schema(operation_id="rollback_endpoint", request=Nothing, responses=schema.OBJECT)
    def post(self, request: Request, endpoint_id: str) -> Response:
        """What answered before the current release answers again; said twice, it goes back two releases."""
        checked(Nothing, request.data or {})
        row = endpoints.find(endpoint_id)
        releases.rollback(by=self.by, endpoint=row)
        return Response(rendering.endpoint(endpoints.find(row.id)))
