"""Endpoints and releases as customers see them."""

from typing import Any

from django.conf import settings

from contracts.task import EMBEDDED
from inference.models import Endpoint, Release


def endpoint(row: Endpoint) -> dict[str, Any]:
    """`urls` names the surfaces that answer; all of them are prefixes of the one base URL."""
    return {
        "id": row.id,
        "object": "endpoint",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "name": row.name,
        "task": row.task_kind or None,
        "form": row.task_form or None,
        "status": "ready" if row.release else "empty",
        "release": _summary(row.release) if row.release else None,
        "urls": {
            "native": f"{settings.BASE_URL}/v1/endpoints/{row.id}/predict",
            "huggingface": f"{settings.BASE_URL}/hf/{row.id}",
            **({"openai": f"{settings.BASE_URL}/v1"} if row.task_form in EMBEDDED else {}),
        },
    }


def release(row: Release, *, of: Endpoint) -> dict[str, Any]:
    about = {
        "object": "endpoint.release",
        "livemode": of.livemode,
        "metadata": {},
        "endpoint": of.id,
        "current": of.release_id == row.id,
    }
    return {**_summary(row), **about}


def _summary(row: Release) -> dict[str, Any]:
    return {
        "id": row.id,
        "number": row.number,
        "model": row.model_id,
        "created_at": int(row.created_at.timestamp()),
    }
