"""A tenant's API key: what is kept of it, and what it may do."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from contracts import ids
from tenants.scoping import TenantModel

SCOPES = ("read", "write", "predict", "admin")  # admin: keys, members, webhooks


def _id() -> str:
    return ids.new("key")


def all_scopes() -> list[str]:
    return list(SCOPES)


class ApiKey(TenantModel):
    """The secret is shown once; kept are its SHA-256, its first twelve characters and its last four."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    name = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)
    prefix = models.CharField(max_length=12)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=10), default=all_scopes)
    livemode = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "digest"], name="one_row_per_secret")]
        indexes = [models.Index(fields=["digest"], name="api_key_by_digest")]

    def __str__(self) -> str:
        return f"{self.prefix}...{self.last_four}"
