"""/v1/tasks: what is to be learnt."""

from dataclasses import fields
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, Number, StrictSerializer, Text, checked
from api.pagination import by_metadata, page
from contracts.codec import to_data
from contracts.decision import Decision
from contracts.task import MAX_LABELS, TASK_TYPES
from tenants.views import TenantView
from training.models import Task
from training.services import datasets, tasks

DECIDED = tuple(field.name for field in fields(Decision))


class NewTask(StrictSerializer):
    name = Text(max_length=100)
    type = Text(max_length=40, help_text=f"One of: {', '.join(TASK_TYPES)}.")
    dataset = Text(max_length=40, help_text="Id of the data set that defines it.")
    labels = serializers.ListField(
        child=Text(max_length=200),
        required=False,
        max_length=MAX_LABELS,
        help_text="In class order; all of the data set's when left out.",
    )
    metric = Text(max_length=40, required=False, help_text="Decides early stopping and comparisons.")
    label_descriptions = serializers.DictField(
        child=Text(max_length=1_000), required=False, help_text="Label to a sentence that says what belongs under it."
    )
    positive_label = Text(max_length=200, required=False, help_text="The one that a threshold or F1 is about.")
    thresholds = serializers.DictField(
        child=Number(), required=False, help_text="Label to the probability from which it is answered."
    )
    costs = serializers.DictField(
        child=serializers.DictField(child=Number()),
        required=False,
        help_text="True label to answered label to cost; 0 or 1 where nothing is said.",
    )
    abstain_below = Number(required=False, help_text="Below this probability of the best label none is answered.")
    metadata = Metadata(required=False)


def render(row: Task) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "task",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "name": row.name,
        "type": row.type,
        "form": row.form,
        "dataset": row.dataset_id,
        "labels": row.labels,
        "metric": row.metric,
        **to_data(row.decided),
    }


class TasksView(TenantView):
    @extend_schema(operation_id="list_tasks", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, by_metadata(request, tasks.listed()), render))

    @extend_schema(operation_id="create_task", request=NewTask, responses={201: schema.OBJECT})
    def post(self, request: Request) -> Response:
        asked = checked(NewTask, request.data)
        decision = Decision(**{name: asked[name] for name in DECIDED if name in asked})
        row = tasks.create(
            by=self.by, name=asked["name"], kind=asked["type"], dataset=datasets.get(asked["dataset"]),
            labels=asked.get("labels"), metric=asked.get("metric"), decision=decision, live=self.principal.live,
            metadata=asked.get("metadata"),
        )  # fmt: skip
        return Response(render(row), status=201)


class TaskView(TenantView):
    @extend_schema(operation_id="get_task", responses=schema.OBJECT)
    def get(self, request: Request, task_id: str) -> Response:
        return Response(render(tasks.get(task_id)))

    @extend_schema(operation_id="delete_task", responses=schema.OBJECT)
    def delete(self, request: Request, task_id: str) -> Response:
        tasks.delete(by=self.by, key=task_id)
        return Response({"id": task_id, "object": "task.deleted", "deleted": True})
