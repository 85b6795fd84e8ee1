"""Where a customer wants to be told, of what, and under which secrets."""

from collections.abc import Sequence

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel
from webhooks.signing import Seed


def _endpoint_id() -> str:
    return ids.new("whe")


def _secret_id() -> str:
    return ids.new("whs")


class WebhookEndpoint(TenantModel):
    """`failing_since` is the first failure after the last success; five days of it disable the endpoint."""

    class Disabled(models.TextChoices):
        BY_CUSTOMER = "by_customer"
        GONE = "gone"  # the receiver answered 410
        FAILING = "failing"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_endpoint_id, editable=False)
    url = models.TextField()
    name = models.CharField(max_length=100, blank=True)
    event_types = ArrayField(models.CharField(max_length=60))  # or ["*"]
    enabled = models.BooleanField(default=True)
    disabled_reason = models.CharField(max_length=20, choices=Disabled.choices, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(enabled=True, disabled_reason="")
                | models.Q(enabled=False) & ~models.Q(disabled_reason=""),
                name="disabled_for_a_reason",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.url


class EndpointSecret(TenantModel):
    """One secret of an endpoint; several are valid while one replaces another. See `signing` for what is stored."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_secret_id, editable=False)
    endpoint = TenantForeignKey(WebhookEndpoint, related_name="secrets")
    salt = models.CharField(max_length=64)
    fingerprint = models.CharField(max_length=16)
    hint = models.CharField(max_length=4)  # the last characters, to tell two secrets apart
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)  # None: the current one

    def __str__(self) -> str:
        return f"whsec_...{self.hint}"

    @property
    def seed(self) -> Seed:
        return Seed(salt=self.salt, fingerprint=self.fingerprint)


def valid_seeds(secrets: Sequence[EndpointSecret]) -> tuple[Seed, ...]:
    """Those that sign now, the current one first."""
    now = timezone.now()
    valid = [secret for secret in secrets if secret.expires_at is None or secret.expires_at > now]
    return tuple(secret.seed for secret in sorted(valid, key=lambda secret: (secret.expires_at is not None, secret.id)))
