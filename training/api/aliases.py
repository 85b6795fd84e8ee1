"""/v1/models/{id}/aliases: names such as `champion` and `candidate` that point at one of a task's models."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import StrictSerializer, checked
from api.pagination import page
from tenants.views import TenantView
from training.models import ModelAlias
from training.services import aliases, models

NAME = r"^[a-z][a-z0-9_-]{0,49}$"


class NewAlias(StrictSerializer):
    name = serializers.RegexField(NAME, help_text="A letter, then letters, digits, _ and -: champion, candidate.")


def render(row: ModelAlias) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "model.alias",
        "created_at": int(row.created_at.timestamp()),
        "name": row.name,
        "task": row.task_id,
        "model": row.model_id,
    }


class AliasesView(TenantView):
    @extend_schema(operation_id="list_model_aliases", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, model_id: str) -> Response:
        return Response(page(request, aliases.of(models.get(model_id)), render))

    @extend_schema(operation_id="set_model_alias", request=NewAlias, responses=schema.OBJECT)
    def post(self, request: Request, model_id: str) -> Response:
        """Moves the alias to this model from whichever version of the task had it."""
        model = models.get(model_id)
        return Response(render(aliases.point(by=self.by, model=model, name=checked(NewAlias, request.data)["name"])))


class AliasView(TenantView):
    @extend_schema(operation_id="delete_model_alias", responses=schema.OBJECT)
    def delete(self, request: Request, model_id: str, name: str) -> Response:
        aliases.remove(by=self.by, model=models.get(model_id), name=name)
        return Response({"name": name, "object": "model.alias", "deleted": True})
