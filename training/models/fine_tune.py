"""What a fine-tuning job was asked and what came of it; the job's own life is `jobs.Job`."""

from django.db import models

from tenants.scoping import TenantForeignKey, TenantModel


class FineTune(TenantModel):
    """Shares its job's key. `dataset` is the data set asked for, or the one that `training_file` became."""

    job = TenantForeignKey("jobs.Job", related_name="+", primary_key=True)
    task = TenantForeignKey("training.Task", models.PROTECT, related_name="fine_tunes")
    dataset = TenantForeignKey("training.Dataset", models.PROTECT, related_name="fine_tunes")
    # Fixed when the job is admitted: an attempt that resumes trains on the rows that the one before it saw.
    dataset_version = TenantForeignKey("training.DatasetVersion", models.PROTECT, null=True, related_name="+")
    training_file = models.CharField(max_length=40)  # kept as text: the file may be deleted later
    base_model = models.CharField(max_length=100)
    method = models.CharField(max_length=20)
    hyperparameters = models.JSONField(default=dict)
    compression = models.JSONField(null=True)  # `contracts.compression.Compression`; None: the model stays as it is
    search = models.JSONField(null=True)  # `contracts.search.Search`, with its space; None: none was asked for
    chosen = models.PositiveIntegerField(null=True)  # the trial whose parameters it is trained with
    seed = models.PositiveIntegerField()
    suffix = models.CharField(max_length=64, blank=True)
    endpoint = models.CharField(max_length=50, blank=True)  # where to release the model; empty: nowhere

    def __str__(self) -> str:
        return self.job_id
