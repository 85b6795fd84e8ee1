"""/v1/organization/api_keys: a tenant manages its own keys."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Flag, StrictSerializer, Text, checked
from api.pagination import page
from tenants.models import SCOPES, ApiKey
from tenants.services import api_keys
from tenants.views import TenantView


class NewKey(StrictSerializer):
    name = Text(max_length=100, help_text="What the key is for.")
    scopes = serializers.ListField(
        child=serializers.ChoiceField(choices=SCOPES), required=False, allow_empty=False, help_text="All when left out."
    )
    livemode = Flag(default=True)


def render(row: ApiKey) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "organization.api_key",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": {},
        "name": row.name,
        "redacted_value": f"{row.prefix}...{row.last_four}",
        "scopes": row.scopes,
        "revoked_at": int(row.revoked_at.timestamp()) if row.revoked_at else None,
    }


class ApiKeysView(TenantView):
    scopes = {"GET": "admin", "POST": "admin"}
    secret_fields = ("value",)

    @extend_schema(operation_id="list_api_keys", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, api_keys.listed(), render))

    @extend_schema(operation_id="create_api_key", request=NewKey, responses={201: schema.OBJECT})
    def post(self, request: Request) -> Response:
        """The answer's `value` is the key itself, shown this once."""
        asked = checked(NewKey, request.data)
        issued = api_keys.issue(by=self.by, name=asked["name"], scopes=asked.get("scopes"), live=asked["livemode"])
        return Response({**render(issued.row), "value": issued.secret}, status=201)


class ApiKeyView(TenantView):
    scopes = {"GET": "admin", "DELETE": "admin"}

    @extend_schema(operation_id="get_api_key", responses=schema.OBJECT)
    def get(self, request: Request, key_id: str) -> Response:
        return Response(render(api_keys.get(key_id)))

    @extend_schema(operation_id="revoke_api_key", responses=schema.OBJECT)
    def delete(self, request: Request, key_id: str) -> Response:
        """The row stays, so that the audit log keeps its sense; the key is refused from now on."""
        row = api_keys.revoke(by=self.by, key=key_id)
        return Response({"id": row.id, "object": "organization.api_key.deleted", "deleted": True})
