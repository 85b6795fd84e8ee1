"""A tenant's stable address for predictions. What answers there is its current release."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel

LONGEST_NAME = 50  # characters


def endpoint_id() -> str:
    return ids.new("ep")


class Endpoint(TenantModel):
    """`release` is the one pointer that decides what answers; moving it is the whole of a release or a rollback.

    The database lets it point at this endpoint's own releases only (its migration). `task_kind` and `task_form` are
    empty until the first release and never change afterwards: callers' code depends on the shape of the answers.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=endpoint_id, editable=False)
    name = models.CharField(max_length=LONGEST_NAME)
    task_kind = models.CharField(max_length=40, blank=True)
    task_form = models.CharField(max_length=40, blank=True)
    release = TenantForeignKey("inference.Release", models.RESTRICT, null=True, related_name="+")
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "name"], name="one_endpoint_per_name"),
            models.CheckConstraint(
                condition=models.Q(release__isnull=True) | ~models.Q(task_kind=""), name="endpoint_released_has_kind"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-id"], name="endpoint_newest_first")]

    def __str__(self) -> str:
        return self.name
