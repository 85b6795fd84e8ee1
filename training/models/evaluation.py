"""What an evaluation was asked; how it went is its `jobs.Job`, what came of it lies in the store."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


class Evaluation(TenantModel):
    """Shares its job's key. Models and version are kept by their ids: they may be deleted later, and what was found of
    them stays."""

    job = TenantForeignKey("jobs.Job", related_name="+", primary_key=True)
    model = models.CharField(max_length=ids.LENGTH)
    against = models.CharField(max_length=ids.LENGTH, blank=True)  # empty: one model alone
    dataset_version = models.CharField(max_length=ids.LENGTH)

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "model"], name="evaluation_of_model"),
            models.Index(fields=["tenant", "against"], name="evaluation_against_model"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
