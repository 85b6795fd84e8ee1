"""Something that happened, frozen: every retry and every endpoint gets the same bytes."""

import json
from typing import Any

from django.db import models

from contracts import ids
from tenants.scoping import TenantModel


def event_id() -> str:
    return ids.new("evt")


class Event(TenantModel):
    """`payload` is the body as it is signed and sent; nothing ever renders it anew."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=event_id, editable=False)
    type = models.CharField(max_length=60)
    payload = models.BinaryField()
    livemode = models.BooleanField(default=True)
    sample = models.BooleanField(default=False)  # made up for a test of one endpoint
    created_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["tenant", "type", "-id"], name="events_by_type")]

    def __str__(self) -> str:
        return f"event {self.id} ({self.type})"

    @property
    def content(self) -> dict[str, Any]:
        content: dict[str, Any] = json.loads(bytes(self.payload))
        return content
