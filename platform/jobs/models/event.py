"""What happened to a job, in the order in which its owner reads it."""

from django.db import models
from django.db.models.functions import Now

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("ftevent")


class JobEvent(TenantModel):
    """Numbers grow within a job and may skip: of `progress` only the newest row is kept, so that a long job costs no
    more rows than a short one."""

    class Type(models.TextChoices):
        MESSAGE = "message"
        METRICS = "metrics"
        PROGRESS = "progress"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    job = TenantForeignKey("jobs.Job", related_name="+")
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=10, choices=Type.choices, default=Type.MESSAGE)
    level = models.CharField(max_length=5, default="info")  # info, warn, error
    message = models.TextField()
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["tenant", "job", "number"], name="one_event_per_number"),
            models.UniqueConstraint(
                fields=["tenant", "job"], name="one_progress_per_job", condition=models.Q(type="progress")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.job_id} {self.number}"
