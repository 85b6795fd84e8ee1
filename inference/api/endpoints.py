"""/v1/endpoints: a tenant's addresses for predictions. `{id}` in a path is an endpoint's id or its name."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, StrictSerializer, Text, checked
from api.pagination import by_metadata, page
from inference.api import rendering
from inference.services import endpoints, releases
from tenants.views import TenantView


class NewEndpoint(StrictSerializer):
    name = Text(help_text="1 to 50 of a-z, 0-9 and -; yours alone.")
    model = Text(required=False, help_text="What answers from the start; an endpoint without a model answers nothing.")
    metadata = Metadata(required=False)


class EndpointsView(TenantView):
    @extend_schema(operation_id="list_endpoints", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, by_metadata(request, endpoints.listed()), rendering.endpoint))

    @extend_schema(operation_id="create_endpoint", request=NewEndpoint, responses={201: schema.OBJECT})
    def post(self, request: Request) -> Response:
        """Made together with its first release, or, where that is refused, not at all."""
        asked = checked(NewEndpoint, request.data)
        model = asked.pop("model", None)
        row = endpoints.create(by=self.by, livemode=self.principal.live, **asked)
        if model is not None:
            releases.release(by=self.by, endpoint=row, model=model)
        return Response(rendering.endpoint(endpoints.find(row.id)), status=201)


class EndpointView(TenantView):
    @extend_schema(operation_id="get_endpoint", responses=schema.OBJECT)
    def get(self, request: Request, endpoint_id: str) -> Response:
        return Response(rendering.endpoint(endpoints.find(endpoint_id)))

    @extend_schema(operation_id="delete_endpoint", responses=schema.OBJECT)
    def delete(self, request: Request, endpoint_id: str) -> Response:
        """With its releases; the models stay. Its address answers 404 within seconds."""
        row = endpoints.find(endpoint_id)
        endpoints.delete(by=self.by, endpoint=row)
        return Response({"id": row.id, "object": "endpoint.deleted", "deleted": True})
