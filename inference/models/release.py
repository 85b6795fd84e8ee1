"""One model placed behind an endpoint. Never changed: another model is another release."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def release_id() -> str:
    return ids.new("rel")


class Release(TenantModel):
    """`number` counts within the endpoint. `replaced` is what answered before; a rollback of this release goes there.

    `created_by` is the audit log's actor.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=release_id, editable=False)
    endpoint = TenantForeignKey("inference.Endpoint", related_name="releases")
    model = TenantForeignKey("training.Model", models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    replaced = TenantForeignKey("inference.Release", models.RESTRICT, null=True, related_name="+")
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "endpoint", "number"], name="one_release_per_number"),
            models.UniqueConstraint(fields=["tenant", "endpoint", "id"], name="release_of_its_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} #{self.number}"
