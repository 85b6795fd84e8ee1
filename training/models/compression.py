"""What a compression job was asked and what it measured; the job's own life is `jobs.Job`."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


class CompressionJob(TenantModel):
    """Shares its job's key. The task and the data set version are those of the model when it was asked for."""

    job = TenantForeignKey("jobs.Job", related_name="+", primary_key=True)
    task = TenantForeignKey("training.Task", models.PROTECT, related_name="+")
    dataset_version = TenantForeignKey("training.DatasetVersion", models.PROTECT, related_name="+")
    source = models.CharField(max_length=ids.LENGTH)  # kept as text: the model may be deleted later
    compression = models.JSONField()  # `contracts.compression.Compression`
    suffix = models.CharField(max_length=64, blank=True)
    result = models.JSONField(null=True)  # figures of both models, whether the smaller one was kept or not

    def __str__(self) -> str:
        return f"compression of {self.source}"
