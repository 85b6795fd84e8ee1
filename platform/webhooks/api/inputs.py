"""What may be asked of webhook endpoints and events, every fault of it told at once."""

import difflib
from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers
from rest_framework.request import Request

from api.fields import Flag, Metadata, StrictSerializer, Text, Whole
from contracts.problems import Problem, echo
from webhooks import guard
from webhooks.event_types import ALL, EVENT_TYPES
from webhooks.services.endpoints import policy

M = TypeVar("M", bound=Model)

MOST_TYPES = 50
LATEST = 253_402_300_799  # the last second of the year 9999


def filtered(request: Request, parameter: str, rows: QuerySet[M], *, column: str, known: Sequence[str]) -> QuerySet[M]:
    """The rows whose `column` is what the query asks for, or all; raises `Problem` for a value that is never there."""
    asked = request.query_params.get(parameter)
    if asked is None:
        return rows
    if asked not in known:
        raise Problem("invalid_choice", f"{parameter} must be one of: {', '.join(known)}.", param=parameter)
    return rows.filter(**{column: asked})


class Url(Text):
    """An https URL of the public internet; see `webhooks.guard`."""

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        try:
            guard.target(value, policy())
        except Problem as problem:
            details = [serializers.ErrorDetail(fault.message, code=fault.code) for fault in problem.faults]
            raise serializers.ValidationError(details) from problem
        return value


class EventType(Text):
    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if value not in EVENT_TYPES:
            near = difflib.get_close_matches(value, EVENT_TYPES, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known types: {', '.join(EVENT_TYPES)}."
            raise serializers.ValidationError(
                f"There is no event type {echo(value)}. {hint}", code="unknown_event_type"
            )
        return value


class Subscribed(EventType):
    """An event type, or '*' for all, those of later versions too."""

    def to_internal_value(self, data: Any) -> str:
        return ALL if data == ALL else super().to_internal_value(data)


class NewWebhookEndpoint(StrictSerializer):
    url = Url(help_text="An https URL of the public internet.")
    event_types = serializers.ListField(child=Subscribed(), allow_empty=False, max_length=MOST_TYPES)
    name = Text(max_length=100, allow_blank=True, default="")
    metadata = Metadata(required=False)


class WebhookEndpointChanges(StrictSerializer):
    url = Url(required=False, help_text="An https URL of the public internet.")
    event_types = serializers.ListField(child=Subscribed(), allow_empty=False, max_length=MOST_TYPES, required=False)
    name = Text(max_length=100, allow_blank=True, required=False)
    enabled = Flag(required=False)
    metadata = Metadata(required=False)


class Rotation(StrictSerializer):
    keep_old_secret_active_for_24_hours = Flag(default=False)


class Sample(StrictSerializer):
    event_type = EventType(default=EVENT_TYPES[0])


class Resending(StrictSerializer):
    webhook_endpoint = Text(required=False, help_text="To this endpoint alone.")


class Recovery(StrictSerializer):
    since = Whole(min_value=0, max_value=LATEST, help_text="Unix seconds.")
