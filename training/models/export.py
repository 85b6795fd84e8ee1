"""A version written in a format that other programs open."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("exp")


class Export(TenantModel):
    """One format of one version. `key` is empty until its job has put the file into the store."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    version = TenantForeignKey("training.DatasetVersion", related_name="exports")
    format = models.CharField(max_length=10)
    job = TenantForeignKey("jobs.Job", models.PROTECT, related_name="+")
    key = models.CharField(max_length=200, blank=True)
    neutralised = models.PositiveIntegerField(default=0)  # cells that a spreadsheet would have run
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="export_newest_first")]

    def __str__(self) -> str:
        return self.id

    @property
    def status(self) -> str:
        if self.key:
            return "ready"
        return "failed" if self.job.finished_at is not None else "running"
