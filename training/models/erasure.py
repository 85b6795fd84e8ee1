"""One person taken out of a tenant's data sets, and the receipt for it."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _id() -> str:
    return ids.new("era")


class Erasure(TenantModel):
    """running -> destroying -> done, or failed. Destroying: the rows are gone from every version, bytes are left.

    `subject` is what is looked for, and is cleared when the job has ended; `subject_digest`, keyed, lets who knows the
    subject tell that it was meant. `examined`: versions that the job looks through. `to_destroy`: folders and objects
    in the store that nothing refers to any more and that hold the subject still; the clock tries until none is left.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    job = TenantForeignKey("jobs.Job", models.PROTECT, related_name="+")
    subject = models.CharField(max_length=200, blank=True)
    subject_digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True)
    examined = models.JSONField(default=list)
    receipt = models.JSONField(default=dict)
    to_destroy = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="erasure_newest_first")]

    def __str__(self) -> str:
        return self.id

    @property
    def status(self) -> str:
        if self.done_at is not None:
            return "done"
        if self.to_destroy:
            return "destroying"
        return "failed" if self.job.error is not None or self.job.state == "cancelled" else "running"
