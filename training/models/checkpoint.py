"""A model on the way: what a training had learnt when it was better on validation than ever before."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("ftckpt")


class Checkpoint(TenantModel):
    """Usable like a model, by its `name`. `model`: the id of the model that its job makes or would have made; `prefix`:
    folder in the object store that holds manifest.json, the model's own where the two are the same weights."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    job = TenantForeignKey("jobs.Job", related_name="+")
    model = models.CharField(max_length=ids.LENGTH)
    step = models.PositiveIntegerField()
    metrics = models.JSONField()  # of its validation: train_loss, valid_loss, valid_accuracy and the like
    prefix = models.CharField(max_length=200)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "model", "step"], name="one_checkpoint_per_step")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return ids.checkpoint(self.model, self.step)
