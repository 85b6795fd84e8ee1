"""A tenant's webhook endpoints: made, changed, given new secrets, disabled, deleted.

URLs stay out of the audit log: many services put a secret into their path.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from api.errors import Conflict, NotFound
from contracts import ids
from tenants import audit
from tenants.scoping import current_tenant
from webhooks import guard, signing
from webhooks.models import Delivery, EndpointSecret, Event, WebhookEndpoint
from webhooks.services import events

MOST = 20  # endpoints a tenant: each event may fan out to all of them
OVERLAP = timedelta(hours=24)  # during which a replaced secret still signs, if asked for


@dataclass(frozen=True)
class Issued:
    """The only moment at which an endpoint and its secret are together."""

    row: WebhookEndpoint
    secret: str


def policy() -> guard.Policy:
    """The rules for URLs and addresses in this deployment."""
    hosts = {urlsplit(url).hostname or "" for url in (settings.BASE_URL, settings.RUNTIME_URL)}
    return guard.Policy(loopback=settings.WEBHOOKS_ALLOW_LOOPBACK, own_hosts=frozenset(hosts))


def listed() -> QuerySet[WebhookEndpoint]:
    return WebhookEndpoint.objects.prefetch_related("secrets")


def get(endpoint: str) -> WebhookEndpoint:
    """Raises `NotFound` for an absent or foreign id."""
    row = listed().filter(id=endpoint).first()
    if row is None:
        raise NotFound("webhook endpoint", endpoint)
    return row


def create(
    *,
    by: str,
    url: str,
    event_types: Sequence[str],
    name: str = "",
    livemode: bool = True,
    metadata: dict[str, str] | None = None,
) -> Issued:
    """Raises `Problem` for a URL that `guard` refuses and for one endpoint too many. Needs a tenant context."""
    guard.target(url, policy())
    _room_for_one_more()
    row = WebhookEndpoint.objects.create(
        url=url, name=name, event_types=list(event_types), livemode=livemode, metadata=metadata or {}
    )
    audit.record(by=by, action="webhook_endpoint.created", target=row.id, event_types=list(event_types))
    return Issued(row=row, secret=_new_secret(row))


def update(*, by: str, endpoint: WebhookEndpoint, **changes: Any) -> WebhookEndpoint:
    """Changes any of url, name, event_types, enabled, metadata. Enabling forgets why it was disabled."""
    if "url" in changes:
        guard.target(changes["url"], policy())
    enabled = changes.pop("enabled", endpoint.enabled)
    for name, value in changes.items():
        setattr(endpoint, name, value)
    if enabled and not endpoint.enabled:
        endpoint.enabled, endpoint.disabled_reason, endpoint.failing_since = True, "", None
        changes["enabled"] = True
    if changes:
        endpoint.save()
        audit.record(by=by, action="webhook_endpoint.updated", target=endpoint.id, fields=sorted(changes))
    if endpoint.enabled and not enabled:
        disable(by=by, endpoint=endpoint, reason=WebhookEndpoint.Disabled.BY_CUSTOMER)
    return endpoint


def disable(*, by: str, endpoint: WebhookEndpoint, reason: WebhookEndpoint.Disabled) -> None:
    """Nothing more is sent to it; what was on its way is cancelled. The tenant's other endpoints are told."""
    endpoint.enabled, endpoint.disabled_reason = False, reason
    endpoint.save(update_fields=["enabled", "disabled_reason", "updated_at"])
    waiting = Delivery.objects.filter(endpoint=endpoint, state=Delivery.State.PENDING)
    waiting.update(state=Delivery.State.CANCELLED, next_attempt_at=None)
    audit.record(by=by, action="webhook_endpoint.disabled", target=endpoint.id, reason=reason.value)
    data = {"id": endpoint.id, "url": endpoint.url, "reason": reason.value}
    events.emit(type="webhook_endpoint.disabled", data=data, livemode=endpoint.livemode)


def delete(*, by: str, endpoint: WebhookEndpoint) -> str:
    """The endpoint with its secrets and the record of its deliveries; the events stay."""
    key = endpoint.id
    audit.record(by=by, action="webhook_endpoint.deleted", target=key)
    endpoint.delete()
    return key


def rotate_secret(*, by: str, endpoint: WebhookEndpoint, keep_old: bool) -> Issued:
    """A new secret. The one it replaces signs beside it for `OVERLAP` where asked for, and ends now where not."""
    now = timezone.now()
    secrets = EndpointSecret.objects.filter(endpoint=endpoint)
    if keep_old:
        secrets.filter(expires_at=None).update(expires_at=now + OVERLAP)
        secrets.filter(expires_at__lte=now).delete()
    else:
        secrets.delete()
    issued = Issued(row=endpoint, secret=_new_secret(endpoint))
    endpoint.save(update_fields=["updated_at"])
    audit.record(by=by, action="webhook_endpoint.secret_rotated", target=endpoint.id, old_kept=keep_old)
    return issued


def send_test(*, by: str, endpoint: WebhookEndpoint, event_type: str) -> Event:
    """A sample event to this endpoint alone; its `data` says that it is one."""
    events.require_enabled(endpoint)
    audit.record(by=by, action="webhook_endpoint.tested", target=endpoint.id, type=event_type)
    return events.emit_sample(endpoint, type=event_type, data={"id": ids.new("sample"), "test": True})


def _new_secret(endpoint: WebhookEndpoint) -> str:
    seed = signing.new_seed()
    secret = signing.secret(seed)
    EndpointSecret.objects.create(endpoint=endpoint, salt=seed.salt, fingerprint=seed.fingerprint, hint=secret[-4:])
    return secret


def _room_for_one_more() -> None:
    """Counts under a lock, so that the limit holds for calls made at the same time."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"webhook endpoints {current_tenant()}"]
        )
    if WebhookEndpoint.objects.count() >= MOST:
        raise Conflict("too_many_endpoints", f"There may be at most {MOST} webhook endpoints; delete one first.")
