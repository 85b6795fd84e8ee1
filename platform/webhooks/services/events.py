"""Events come to be in the transaction of the fact they tell of, and go to whoever asked for their type."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from api.errors import Conflict, NotFound
from tenants import audit
from tenants.scoping import current_tenant
from webhooks.event_types import ALL, EVENT_TYPES
from webhooks.models import Delivery, Event, WebhookEndpoint
from webhooks.models.event import event_id

CHANNEL = "landfall_webhooks"  # of NOTIFY; the courier listens


def emit(*, type: str, data: Mapping[str, Any], livemode: bool) -> Event:  # noqa: A002  (the payload's own name)
    """Freezes an event and queues it for every enabled endpoint subscribed to its type.

    Needs the tenant context of the business fact: event, deliveries and fact commit together or not at all. `data`
    holds at least the `id` of what it is about; callers send ids and states, not contents.
    """
    event = _freeze(type, data, livemode=livemode)
    _deliver((event, endpoint) for endpoint in _subscribers(event))
    return event


def emit_sample(endpoint: WebhookEndpoint, *, type: str, data: Mapping[str, Any]) -> Event:  # noqa: A002
    """A made-up event for one endpoint alone, whatever it subscribed to."""
    event = _freeze(type, data, livemode=endpoint.livemode, sample=True)
    _deliver([(event, endpoint)])
    return event


def listed() -> QuerySet[Event]:
    return Event.objects.all()


def get(event: str) -> Event:
    """Raises `NotFound` for an absent or foreign id."""
    row = Event.objects.filter(id=event).first()
    if row is None:
        raise NotFound("event", event)
    return row


def resend(*, by: str, event: Event, endpoint: WebhookEndpoint | None) -> list[Delivery]:
    """Sends an event again, under its id: to one endpoint, or to all enabled ones subscribed to its type."""
    if endpoint is not None:
        require_enabled(endpoint)
    audit.record(by=by, action="event.resent", target=event.id, webhook_endpoint=endpoint.id if endpoint else None)
    return _deliver((event, receiver) for receiver in (_subscribers(event) if endpoint is None else [endpoint]))


def recover(*, by: str, endpoint: WebhookEndpoint, since: datetime) -> int:
    """Sends again what an endpoint should have received since a moment and did not. Returns how many events."""
    require_enabled(endpoint)
    arrived = Delivery.objects.filter(
        event=OuterRef("id"), endpoint=endpoint, state__in=[Delivery.State.SUCCEEDED, Delivery.State.PENDING]
    )
    missed = Event.objects.filter(~Exists(arrived), created_at__gte=since, livemode=endpoint.livemode, sample=False)
    if ALL not in endpoint.event_types:
        missed = missed.filter(type__in=endpoint.event_types)
    audit.record(by=by, action="webhook_endpoint.recovered", target=endpoint.id, since=since.isoformat())
    return len(_deliver((event, endpoint) for event in missed.defer("payload").order_by("id")))


def require_enabled(endpoint: WebhookEndpoint) -> None:
    if not endpoint.enabled:
        raise Conflict("endpoint_disabled", "This webhook endpoint is disabled; enable it first.")


def _subscribers(event: Event) -> QuerySet[WebhookEndpoint]:
    wanted = Q(event_types__contains=[event.type]) | Q(event_types__contains=[ALL])
    return WebhookEndpoint.objects.filter(wanted, enabled=True, livemode=event.livemode)


def _deliver(pairs: Iterable[tuple[Event, WebhookEndpoint]]) -> list[Delivery]:
    """One new delivery a pair, due at once; the courier hears of it when the transaction commits."""
    deliveries = [
        Delivery(tenant_id=current_tenant(), event=event, endpoint=endpoint, next_attempt_at=Now())
        for event, endpoint in pairs
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries, batch_size=1_000)
        _wake_courier()
    return deliveries


def _freeze(kind: str, data: Mapping[str, Any], *, livemode: bool, sample: bool = False) -> Event:
    if kind not in EVENT_TYPES:
        raise ValueError(f"{kind} is not in webhooks.event_types")
    now, key = timezone.now(), event_id()
    content = {
        "id": key,
        "object": "event",
        "type": kind,
        "created_at": int(now.timestamp()),
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "livemode": livemode,
        "data": dict(data),
    }
    payload = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Event.objects.create(id=key, type=kind, payload=payload, livemode=livemode, sample=sample, created_at=now)


def _wake_courier() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, '')", [CHANNEL])
