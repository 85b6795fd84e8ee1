"""A name that always points at one of a task's models: `champion`, `candidate`, or what the team agrees on."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("alias")


class ModelAlias(TenantModel):
    """Moved, never doubled: within a task a name is one model's."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    name = models.CharField(max_length=50)
    task = TenantForeignKey("training.Task", related_name="+")
    model = TenantForeignKey("training.Model", related_name="aliases")
    created_at = models.DateTimeField(auto_now=True)  # when it was moved here

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "task", "name"], name="one_model_per_alias")]

    def __str__(self) -> str:
        return f"{self.name} of {self.task_id}"
