"""A fine-tuning job's search: how it is asked for, and its trials as they stand."""

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Flag, Number, StrictSerializer, Text, Whole, checked
from api.pagination import page
from contracts.search import PRUNINGS, STRATEGIES, Choices, Range, Space
from jobs.api.rendering import job_object
from tenants.views import TenantView
from training.models import Trial
from training.services import fine_tunes, trials

NAME = "fine_tuning.trial"
RANGE = {
    "type": "object",
    "properties": {"low": {"type": "number"}, "high": {"type": "number"}, "log": {"type": "boolean"}},
    "required": ["low", "high"],
}
CHOICES = {"type": "array", "items": {"oneOf": [{"type": "number"}, {"type": "string"}]}}


class RangeIn(StrictSerializer):
    low = Number()
    high = Number()
    log = Flag(required=False)


@extend_schema_field({"type": "object", "additionalProperties": {"oneOf": [RANGE, CHOICES]}})
class SpaceIn(serializers.Field[Any, Any, Any, Any]):
    """By hyperparameter a range, `{"low", "high", "log"?}`, or the list of its values."""

    def to_internal_value(self, data: Any) -> Space:
        if not isinstance(data, dict):
            raise serializers.ValidationError("Must be an object.", code="wrong_type")
        space, faults = Space(), {}
        for name, given in data.items():
            try:
                space[name] = _parameter(given)
            except serializers.ValidationError as error:
                faults[name] = error.detail
        if faults:
            raise serializers.ValidationError(faults)
        return space


def _parameter(given: Any) -> Range | Choices:
    if isinstance(given, dict):
        return Range(**checked(RangeIn, given))
    if not isinstance(given, list):
        raise serializers.ValidationError("Must be a range or a list of values.", code="wrong_type")
    if any(isinstance(one, bool) or not isinstance(one, int | float | str) for one in given):
        raise serializers.ValidationError("Must be a list of numbers or of names.", code="wrong_type")
    return tuple(given)


class SearchIn(StrictSerializer):
    """Settings are searched on the validation split, and the model is trained with the best of them."""

    strategy = Text(max_length=20, required=False, help_text=f"One of {', '.join(STRATEGIES)}.")
    trials = Whole(required=False, help_text="Trainings at most.")
    minutes = Whole(required=False, allow_null=True, help_text="Since the first of them began, at most.")
    parallel = Whole(required=False, help_text="Trainings at a time.")
    pruning = Text(max_length=20, required=False, help_text=f"One of {', '.join(PRUNINGS)}.")
    space = SpaceIn(required=False)


def render(row: Trial, *, values: tuple[float, ...], metric: str, chosen: int | None) -> dict[str, Any]:
    """`values`: of each epoch so far."""
    return job_object(
        row.job,
        NAME,
        number=row.number,
        status=row.state,
        parameters=row.parameters or {},
        metric=metric,
        value=row.value,
        values=values,
        chosen=row.number == chosen,
    )


class TrialsView(TenantView):
    @extend_schema(operation_id="list_fine_tuning_trials", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, job_id: str) -> Response:
        """`values`: the task's metric on validation after each epoch; `value`: the best of them, once it has ended."""
        fine_tune = fine_tunes.ROWS.get(job_id)
        rows = trials.of(fine_tune)
        curves, metric = trials.curves_of(fine_tune, list(rows)), fine_tune.task.metric

        def show(row: Trial) -> dict[str, Any]:
            return render(row, values=curves[row.job_id], metric=metric, chosen=fine_tune.chosen)

        return Response(page(request, rows, show, by="number"))
