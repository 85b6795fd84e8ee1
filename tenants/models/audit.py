"""Who did what to which of a tenant's things, kept for good."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantModel


def _id() -> str:
    return ids.new("audit")


class AuditLog(TenantModel):
    """Append-only: the application's role holds no right to UPDATE or DELETE here.

    `actor` is `key:<id>`, `staff:<user id>` or `system:<part>`; `action` is `<noun>.<verb>`, e.g. `file.created`.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    actor = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    target = models.CharField(max_length=60)
    details = models.JSONField(default=dict)
    request_id = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="audit_newest_first")]

    def __str__(self) -> str:
        return f"{self.actor} {self.action} {self.target}"
