"""Endpoints, deliveries and events as customers see them. OpenAI's names where its SDK has the noun."""

from datetime import datetime
from typing import Any

from webhooks.models import Attempt, Delivery, Event, WebhookEndpoint
from webhooks.services.endpoints import Issued


def endpoint(row: WebhookEndpoint) -> dict[str, Any]:
    current = next((secret for secret in row.secrets.all() if secret.expires_at is None), None)
    return {
        "id": row.id,
        "object": "webhook_endpoint",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "updated_at": int(row.updated_at.timestamp()),
        "name": row.name,
        "url": row.url,
        "event_types": row.event_types,
        "enabled": row.enabled,
        "disabled_reason": row.disabled_reason or None,
        "failing_since": _seconds(row.failing_since),
        "signing_secret_hint": str(current) if current else None,
    }


def with_secret(issued: Issued) -> dict[str, Any]:
    """The one answer that holds the secret."""
    hint = f"whsec_...{issued.secret[-4:]}"
    return {**endpoint(issued.row), "signing_secret_hint": hint, "signing_secret": issued.secret}


def delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "webhook_delivery",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.event.livemode,
        "metadata": {},
        "event": row.event_id,
        "event_type": row.event.type,
        "webhook_endpoint": row.endpoint_id,
        "status": row.state,
        "next_attempt_at": _seconds(row.next_attempt_at),
        "attempts": [attempt(one) for one in row.tries.all()],
    }


def attempt(row: Attempt) -> dict[str, Any]:
    """`error` null and `ended_at` set: delivered. Neither: under way, or its sender was lost and it is sent again."""
    return {
        "number": row.number,
        "started_at": int(row.started_at.timestamp()),
        "ended_at": _seconds(row.ended_at),
        "status_code": row.status,
        "error": row.error or None,
        "duration_ms": row.duration_ms,
        "response": row.excerpt,
    }


def event(row: Event) -> dict[str, Any]:
    """What was sent, and the metadata that every object has."""
    return {**row.content, "metadata": {}}


def _seconds(moment: datetime | None) -> int | None:
    return int(moment.timestamp()) if moment else None
