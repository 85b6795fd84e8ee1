"""An uploaded file, byte for byte as the customer sent it."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantModel

PURPOSES = ("fine-tune", "dataset", "batch", "user_data", "evals")


def _id() -> str:
    return ids.new("file")


class File(TenantModel):
    """The row appears only when every byte is in the store: nothing half-written is ever visible."""

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_id, editable=False)
    filename = models.CharField(max_length=255)
    purpose = models.CharField(max_length=20)
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)  # the clock deletes it then; None: kept until its owner does

    class Meta:
        indexes = [models.Index(fields=["tenant", "-id"], name="file_newest_first")]

    def __str__(self) -> str:
        return self.filename
