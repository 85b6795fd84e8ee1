"""A POST with an Idempotency-Key is executed once; its answer is stored for a day and replayed.

The record commits with the work or not at all, so a crash at any step leaves either both or neither. Two calls at the
same time meet at an advisory lock: the second is told to come back (409, `x-should-retry: true`) and then replays.

openai-python retries by itself and sends no key, only `x-stainless-retry-count`; where a view says `deduplicated`, a
retry of the same body within two minutes gets the first answer instead of a second job.
"""

import hashlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from api.errors import ApiError
from contracts.strict_json import check_text
from tenants.models import IdempotencyRecord
from tenants.scoping import current_tenant

KEPT = timedelta(hours=24)
RETRY_WINDOW = timedelta(minutes=2)
LONGEST_KEY = 255


def once(
    request: Request,
    handle: Callable[[], Response],
    *,
    secret_fields: tuple[str, ...] = (),
    deduplicated: bool = False,
    content: str = "",
) -> Response:
    """Runs `handle` inside the open tenant context unless its answer is already known.

    `content` stands for what the request holds beside its fields: the hash of an uploaded file.
    """
    given = request.headers.get("Idempotency-Key")
    if given is None and not deduplicated:
        return handle()
    fingerprint = _fingerprint(request, content)
    key = f"key:{_checked(given)}" if given is not None else f"retry:{fingerprint}"
    _lock_or_refuse(key)
    record = IdempotencyRecord.objects.filter(key=key).first()
    if record is not None and _still_counts(record, request, given=given):
        return _replay(record, fingerprint)
    if record is not None:
        record.delete()
    response = handle()
    if response.status_code < 400:
        body = {name: None if name in secret_fields else value for name, value in (response.data or {}).items()}
        IdempotencyRecord.objects.create(key=key, fingerprint=fingerprint, status=response.status_code, body=body)
    return response


def _checked(key: str) -> str:
    check_text(key)
    if not 0 < len(key) <= LONGEST_KEY:
        raise ApiError(400, "idempotency_error", f"An Idempotency-Key has between 1 and {LONGEST_KEY} characters.")
    return key


def _fingerprint(request: Request, content: str) -> str:
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n{content}\n".encode())
    digest.update(repr(_canonical(request.data)).encode())
    return digest.hexdigest()


def _canonical(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _canonical(item)) for key, item in value.items())
    return [_canonical(item) for item in value] if isinstance(value, list) else value


def _lock_or_refuse(key: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"idempotency {current_tenant()} {key}"]
        )
        if not cursor.fetchone()[0]:
            message = "The first request under this Idempotency-Key is still running; try again shortly."
            raise ApiError(409, "still_running", message, headers={"x-should-retry": "true", "Retry-After": "1"})


def _still_counts(record: IdempotencyRecord, request: Request, *, given: str | None) -> bool:
    age = timezone.now() - record.created_at
    if given is not None:
        return age < KEPT
    return age < RETRY_WINDOW and request.headers.get("x-stainless-retry-count", "0") != "0"


def _replay(record: IdempotencyRecord, fingerprint: str) -> Response:
    if record.fingerprint != fingerprint:
        message = "This Idempotency-Key was used with another request; use a new key for a new request."
        raise ApiError(400, "idempotency_error", message, headers={"x-should-retry": "false"})
    return Response(record.body, status=record.status, headers={"Idempotent-Replayed": "true"})
