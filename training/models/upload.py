"""A large file on its way: the upload and its parts, until they become one file."""

from datetime import timedelta

from django.db import models
from django.utils import timezone

from contracts import ids
from storage import keys
from tenants.scoping import TenantForeignKey, TenantModel
from training.models.file import File

LIFE = timedelta(hours=24)
GRACE = timedelta(hours=1)  # between an upload's end and the last look at its folder: a slow PUT may land late


def _upload_id() -> str:
    return ids.new("upload")


def _part_id() -> str:
    return ids.new("part")


class Upload(TenantModel):
    """pending -> completed | cancelled | expired. Only a pending upload takes parts; the ends are final.

    `bytes` is announced at the beginning and must be what came at the end. `tidy_at` is when the clock removes what
    is left of the parts; null once it has.
    """

    class Status(models.TextChoices):
        PENDING = "pending"
        COMPLETED = "completed"
        CANCELLED = "cancelled"
        EXPIRED = "expired"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_upload_id, editable=False)
    filename = models.CharField(max_length=255)
    purpose = models.CharField(max_length=20)
    mime_type = models.CharField(max_length=255)
    bytes = models.BigIntegerField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING)
    file = TenantForeignKey(File, on_delete=models.SET_NULL, null=True, related_name="+")
    file_seconds = models.PositiveIntegerField(null=True)  # how long the file will be kept; None: until deleted
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    tidy_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tidy_at"], name="upload_to_tidy", condition=models.Q(tidy_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def status_now(self) -> str:
        """An upload expires on time, whenever the clock comes by to write it down."""
        over = self.status == self.Status.PENDING and self.expires_at <= timezone.now()
        return str(self.Status.EXPIRED.value if over else self.status)


class UploadPart(TenantModel):
    """Some bytes of an upload, an object of their own in the store.

    The row of a part that came through us appears when its bytes are there. A `direct` part is promised first and
    then put into the store by its sender: only the store knows whether it has come.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_part_id, editable=False)
    upload = TenantForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)
    direct = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["tenant", "upload", "id"], name="part_of_upload")]

    def __str__(self) -> str:
        return self.id

    @property
    def key(self) -> str:
        return keys.upload_part(self.tenant_id, self.upload_id, self.id)
