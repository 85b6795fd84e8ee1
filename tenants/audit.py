"""One line of the audit log, in the transaction of the change it tells of."""

from typing import Any

from api.request_id import current_request_id
from tenants.models import AuditLog


def record(*, by: str, action: str, target: str, **details: Any) -> None:
    """`by` as in `AuditLog.actor`; needs a tenant context, so that it commits or vanishes with the change."""
    AuditLog.objects.create(
        actor=by, action=action, target=target, details=details, request_id=current_request_id() or ""
    )
