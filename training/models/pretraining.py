"""What a pre-training job was asked; the job's own life is `jobs.Job`, what came of it a `Model` without a task."""

from django.db import models

from tenants.scoping import TenantForeignKey, TenantModel


class Pretraining(TenantModel):
    """Shares its job's key. `dataset` is the data set asked for, or the one that `training_file` became."""

    job = TenantForeignKey("jobs.Job", related_name="+", primary_key=True)
    dataset = TenantForeignKey("training.Dataset", models.PROTECT, related_name="pretrainings")
    # Fixed when the job is admitted: an attempt that resumes trains on the rows that the one before it saw.
    dataset_version = TenantForeignKey("training.DatasetVersion", models.PROTECT, null=True, related_name="+")
    training_file = models.CharField(max_length=40, blank=True)  # kept as text: the file may be deleted later
    base_model = models.CharField(max_length=100)
    objective = models.CharField(max_length=40)
    tokenizer = models.CharField(max_length=20)
    hyperparameters = models.JSONField(default=dict)
    seed = models.PositiveIntegerField()
    suffix = models.CharField(max_length=64, blank=True)

    def __str__(self) -> str:
        return self.job_id
