"""Pieces of the OpenAPI document that every room's views share."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

OBJECT = OpenApiTypes.OBJECT  # an object of ours; its fields are described in docs/api.md
LIST = OpenApiTypes.OBJECT  # {"object": "list", "data": [...], "first_id", "last_id", "has_more"}

PAGE = [
    OpenApiParameter("limit", int, description="How many, 1 to 100; 20 when left out."),
    OpenApiParameter("after", str, description="Id of the object after which to go on."),
    OpenApiParameter("before", str, description="Id of the object before which to stop."),
    OpenApiParameter("order", str, enum=["asc", "desc"], description="`desc`, newest first, when left out."),
]


def upload(**fields: str) -> dict[str, Any]:
    """A multipart request: a `file` and text fields with their descriptions."""
    properties: dict[str, Any] = {"file": {"type": "string", "format": "binary"}}
    properties |= {name: {"type": "string", "description": text} for name, text in fields.items()}
    return {"multipart/form-data": {"type": "object", "properties": properties, "required": ["file", *fields]}}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # drf-spectacular is untyped here
    """Tells the OpenAPI document about the header."""

    target_class = "api.authentication.KeyAuthentication"
    name = "ApiKey"

    def get_security_definition(self, auto_schema: AutoSchema) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "lf_live_... or lf_test_..."}
