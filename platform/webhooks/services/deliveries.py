"""What the courier does in the database: pick what is due, and record how it went.

Picking crosses tenants and therefore uses the `system` role; recording is the tenant's own work in its own context.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Now

from tenants.scoping import tenant_context
from webhooks import schedule
from webhooks.models import Attempt, Delivery, EndpointSecret, WebhookEndpoint
from webhooks.models.endpoint import valid_seeds
from webhooks.sending import GONE, Outcome
from webhooks.services import endpoints
from webhooks.signing import Seed

PER_ENDPOINT, PER_TENANT = 4, 32  # attempts in flight at once: a slow receiver fills its own room, not the courier
LOOK_AHEAD = 1_000  # due rows considered at a time
BY = "system:courier"
INTERRUPTED = "interrupted"  # the courier was told to stop while the attempt was under way

PICK = f"""
WITH flying AS (SELECT unnest(%(tenants)s::uuid[]) AS tenant, unnest(%(endpoints)s::text[]) AS endpoint),
full_endpoints AS (SELECT endpoint FROM flying GROUP BY endpoint HAVING count(*) >= {PER_ENDPOINT}),
full_tenants AS (SELECT tenant FROM flying GROUP BY tenant HAVING count(*) >= {PER_TENANT}),
due AS (
    SELECT id, tenant_id, endpoint_id, next_attempt_at FROM webhooks_delivery
    WHERE state = 'pending' AND next_attempt_at <= now()
        AND endpoint_id NOT IN (SELECT endpoint FROM full_endpoints)
        AND tenant_id NOT IN (SELECT tenant FROM full_tenants)
    ORDER BY next_attempt_at LIMIT {LOOK_AHEAD}
),
by_endpoint AS (
    SELECT id, tenant_id, next_attempt_at,
        row_number() OVER (PARTITION BY endpoint_id ORDER BY next_attempt_at, id)
            + (SELECT count(*) FROM flying WHERE flying.endpoint = due.endpoint_id) AS place
    FROM due
),
by_tenant AS (
    SELECT id,
        row_number() OVER (PARTITION BY tenant_id ORDER BY next_attempt_at, id)
            + (SELECT count(*) FROM flying WHERE flying.tenant = by_endpoint.tenant_id) AS place
    FROM by_endpoint WHERE place <= {PER_ENDPOINT}
),
mine AS (
    SELECT d.id FROM webhooks_delivery d JOIN by_tenant USING (id)
    WHERE by_tenant.place <= {PER_TENANT} AND d.state = 'pending' AND d.next_attempt_at <= now()
    ORDER BY d.next_attempt_at LIMIT %(room)s
    FOR UPDATE OF d SKIP LOCKED
)
UPDATE webhooks_delivery d SET attempts = d.attempts + 1, next_attempt_at = now() + %(lease_s)s * interval '1 second'
FROM mine WHERE d.id = mine.id RETURNING d.id
"""  # noqa: S608  (only our own constants are put in)


@dataclass(frozen=True, kw_only=True)
class Picked:
    """One attempt to be made now; nobody else makes it before the lease ends."""

    tenant: UUID
    delivery: str
    endpoint: str
    event: str
    number: int  # of the attempt, from 1
    url: str
    payload: bytes = field(repr=False)
    seeds: tuple[Seed, ...] = field(repr=False)


def listed(endpoint: WebhookEndpoint) -> QuerySet[Delivery]:
    """An endpoint's deliveries with each attempt, in order."""
    tries = Prefetch("tries", queryset=Attempt.objects.order_by("number"))
    return Delivery.objects.filter(endpoint=endpoint).select_related("event").prefetch_related(tries)


def pick(*, room: int, lease: timedelta, flying: Sequence[Picked]) -> list[Picked]:
    """Up to `room` due deliveries, leased, fewer where endpoint or tenant has its share in the air already."""
    with transaction.atomic(using="system"):
        with connections["system"].cursor() as cursor:
            about: dict[str, Any] = {
                "tenants": [one.tenant for one in flying],
                "endpoints": [one.endpoint for one in flying],
                "room": room,
                "lease_s": lease.total_seconds(),
            }
            cursor.execute(PICK, about)
            keys = [key for (key,) in cursor.fetchall()]
        rows = Delivery.objects.unscoped(using="system").filter(id__in=keys).select_related("event", "endpoint")
        secrets = Prefetch("endpoint__secrets", queryset=EndpointSecret.objects.unscoped(using="system"))
        found = list(rows.prefetch_related(secrets).order_by("created_at", "id"))
        _cancel([row for row in found if not row.endpoint.enabled])
        live = [row for row in found if row.endpoint.enabled]
        Attempt.objects.unscoped(using="system").bulk_create(
            [Attempt(tenant_id=row.tenant_id, delivery_id=row.id, number=row.attempts) for row in live]
        )
    return [_picked(row) for row in live]


def _cancel(stragglers: list[Delivery]) -> None:
    """Queued while their endpoint was being disabled."""
    rows = Delivery.objects.unscoped(using="system").filter(id__in=[row.id for row in stragglers])
    rows.update(state=Delivery.State.CANCELLED, next_attempt_at=None)


def _picked(row: Delivery) -> Picked:
    return Picked(
        tenant=row.tenant_id,
        delivery=row.id,
        endpoint=row.endpoint.id,
        event=row.event.id,
        number=row.attempts,
        url=row.endpoint.url,
        payload=bytes(row.event.payload),
        seeds=valid_seeds(row.endpoint.secrets.all()),
    )


def record(picked: Picked, outcome: Outcome) -> None:
    """The attempt's end and what follows from it; only the former where the delivery has moved on since."""
    with tenant_context(picked.tenant):
        Attempt.objects.filter(delivery=picked.delivery, number=picked.number).update(
            ended_at=Now(),
            status=outcome.status,
            error=outcome.error or "",
            duration_ms=outcome.duration_ms,
            excerpt=outcome.excerpt,
        )
        endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).filter(id=picked.endpoint).first()
        mine = Delivery.objects.filter(id=picked.delivery, state=Delivery.State.PENDING, attempts=picked.number)
        if endpoint is None or not mine.exists():
            return
        if outcome.error is None:
            mine.update(state=Delivery.State.SUCCEEDED, next_attempt_at=None)
            WebhookEndpoint.objects.filter(id=endpoint.id, failing_since__isnull=False).update(failing_since=None)
        elif outcome.error == INTERRUPTED:
            mine.update(next_attempt_at=Now())
        else:
            _failed(mine, endpoint, picked.number, outcome)


def _failed(mine: QuerySet[Delivery], endpoint: WebhookEndpoint, number: int, outcome: Outcome) -> None:
    delay = schedule.delay_after(number, retry_after_s=outcome.retry_after_s)
    if delay is None:
        mine.update(state=Delivery.State.FAILED, next_attempt_at=None)
    else:
        mine.update(next_attempt_at=Now() + delay)
    this = WebhookEndpoint.objects.filter(id=endpoint.id)
    this.filter(failing_since=None).update(failing_since=Now())
    if outcome.status == GONE:
        endpoints.disable(by=BY, endpoint=endpoint, reason=WebhookEndpoint.Disabled.GONE)
    elif this.filter(failing_since__lte=Now() - schedule.PATIENCE).exists():
        endpoints.disable(by=BY, endpoint=endpoint, reason=WebhookEndpoint.Disabled.FAILING)
