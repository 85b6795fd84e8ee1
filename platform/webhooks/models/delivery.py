"""One event on its way to one endpoint, and each attempt made."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel
from webhooks.models.endpoint import WebhookEndpoint
from webhooks.models.event import Event


def _delivery_id() -> str:
    return ids.new("whd")


def _attempt_id() -> str:
    return ids.new("wha")


class Delivery(TenantModel):
    """The row is the queue.

    pending ──> succeeded   (2xx)
       ├──────> failed      (the schedule is exhausted)
       └──────> cancelled   (the endpoint was disabled; `recover` or `resend` make new deliveries)

    Picking one counts the attempt and moves `next_attempt_at` to the end of a lease. A sender that dies in between
    leaves a row that falls due again: at least once, under the same event id. `attempts` is the fence: an outcome
    counts only while it still equals the attempt's number.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SUCCEEDED = "succeeded"
        FAILED = "failed"
        CANCELLED = "cancelled"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_delivery_id, editable=False)
    event = TenantForeignKey(Event, related_name="deliveries")
    endpoint = TenantForeignKey(WebhookEndpoint, related_name="deliveries")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="pending"), name="deliveries_due"),
            models.Index(fields=["tenant", "endpoint", "-id"], name="deliveries_by_endpoint"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="pending", next_attempt_at__isnull=False)
                | (~models.Q(state="pending") & models.Q(next_attempt_at__isnull=True)),
                name="only_pending_deliveries_fall_due",
            )
        ]

    def __str__(self) -> str:
        return f"delivery {self.id}"


class Attempt(TenantModel):
    """Written when it begins and completed when it ends. Without an end the sender was lost: it may have arrived."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_attempt_id, editable=False)
    delivery = TenantForeignKey(Delivery, related_name="tries")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)  # HTTP, where an answer came
    error = models.CharField(max_length=40, blank=True)  # empty and ended: delivered
    duration_ms = models.PositiveIntegerField(null=True, blank=True)
    excerpt = models.TextField(blank=True)  # the first KiB of the answer

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "delivery", "number"], name="attempts_are_numbered")]

    def __str__(self) -> str:
        return f"attempt {self.number} of {self.delivery_id}"
