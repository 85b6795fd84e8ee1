"""A trained artifact in the object store, and the figures it was measured with."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def new_id() -> str:
    return ids.new("mdl")


class Model(TenantModel):
    """Exists only for artifacts whose manifest is in the store. `summary` is the engine's `Done.summary`.

    One that was pre-trained is a base for others and has no task; its `task_kind` is the objective it learnt by."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=new_id, editable=False)
    name = models.CharField(max_length=140)
    task_kind = models.CharField(max_length=40)
    base_model = models.CharField(max_length=100)
    task = TenantForeignKey("training.Task", models.PROTECT, null=True, related_name="models")
    dataset_version = TenantForeignKey("training.DatasetVersion", models.PROTECT, related_name="models")
    job = TenantForeignKey("jobs.Job", models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()  # counts within the task, or within the data set
    prefix = models.CharField(max_length=200)  # folder in the object store that holds manifest.json
    summary = models.JSONField(default=dict)
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="model_newest_first")]
        constraints = [
            models.UniqueConstraint(fields=["tenant", "task", "version"], name="one_model_per_task_version"),
            models.UniqueConstraint(fields=["tenant", "job"], name="one_model_per_job"),
        ]

    def __str__(self) -> str:
        return self.name
