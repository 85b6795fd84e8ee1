"""One training of a search, a job of its own: which settings it has and how good they were on validation."""

from django.db import models

from tenants.scoping import TenantForeignKey, TenantModel


class Trial(TenantModel):
    """Shares its job's key. `number` counts from 1 within the search. `parameters` are none until a worker is about to
    train: which are worth a try depends on the trials that have ended by then."""

    job = TenantForeignKey("jobs.Job", related_name="+", primary_key=True)
    fine_tune = TenantForeignKey("training.FineTune", related_name="trials")
    number = models.PositiveIntegerField()
    parameters = models.JSONField(null=True)
    value = models.FloatField(null=True)  # of the task's metric on validation, the best epoch's
    loss = models.FloatField(null=True)  # of the same epoch
    pruned = models.BooleanField(default=False)  # given up early, as others were better by then

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "fine_tune", "number"], name="one_trial_per_number")]

    def __str__(self) -> str:
        return self.job_id

    @property
    def state(self) -> str:
        """As `contracts.search.Tried` has it."""
        if self.job.state == "succeeded":
            return "pruned" if self.pruned else "completed"
        return str(self.job.state)
