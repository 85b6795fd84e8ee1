"""Uploads of large files: begun, looked at, ended. Their parts: `upload_parts`; what is made of them: `assembling`."""

from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from api.errors import ApiError, Conflict, NotFound
from contracts.problems import Problem
from storage import blobs, keys
from tenants import audit
from training.models import File, Upload
from training.models.upload import GRACE, LIFE
from training.services import files
from training.services.files import Stored

ENDED = {
    Upload.Status.COMPLETED: "The upload has already been completed; its file is there.",
    Upload.Status.CANCELLED: "The upload has already been cancelled; begin a new one.",
    Upload.Status.EXPIRED: "The upload has expired, and its parts are gone; begin a new one.",
}


def create(
    *,
    by: str,
    filename: str,
    purpose: str,
    mime_type: str,
    size: int,
    file_seconds: int | None = None,
    live: bool = True,
    metadata: dict[str, str] | None = None,
) -> Upload:
    """`size` is what all parts together will hold; `file_seconds` how long the file is kept, None: until deleted."""
    if size > settings.UPLOAD_LIMIT_BYTES:
        message = f"A file may have at most {settings.UPLOAD_LIMIT_BYTES:,} bytes."
        raise ApiError(413, "file_too_large", message, param="bytes")
    end = timezone.now() + LIFE
    row: Upload = Upload.objects.create(
        filename=filename, purpose=purpose, mime_type=mime_type, bytes=size, file_seconds=file_seconds, livemode=live,
        metadata=metadata or {}, expires_at=end, tidy_at=end + GRACE,
    )  # fmt: skip
    audit.record(by=by, action="upload.created", target=row.id, bytes=size)
    return row


def get(key: str) -> Upload:
    """Raises `NotFound` for an absent or foreign id."""
    row: Upload | None = Upload.objects.filter(id=key).first()
    if row is None:
        raise NotFound("upload", key)
    return row


def held(key: str) -> Upload:
    """A pending upload, locked until the transaction ends. Raises `Conflict` where it takes nothing any more."""
    row: Upload | None = Upload.objects.select_for_update().filter(id=key).first()
    if row is None:
        raise NotFound("upload", key)
    if row.status_now != Upload.Status.PENDING:
        raise Conflict(f"upload_{row.status_now}", ENDED[Upload.Status(row.status_now)], param="id")
    return row


def complete(*, by: str, key: str, stored: Stored | None) -> Upload:
    """The bytes that `assembling.assemble` has put together become a file; None: it found nothing to put together."""
    row = held(key)
    if stored is None:
        raise Problem("part_missing", "A part's bytes are gone; send it again, then complete.", param="part_ids")
    kept_until = timezone.now() + timedelta(seconds=row.file_seconds) if row.file_seconds else None
    file = files.add(
        by=by, stored=stored, filename=row.filename, purpose=row.purpose, live=row.livemode, metadata=row.metadata,
        expires_at=kept_until,
    )  # fmt: skip
    _end(row, Upload.Status.COMPLETED, file)
    audit.record(by=by, action="upload.completed", target=row.id, file=file.id, bytes=file.bytes)
    return row


def cancel(*, by: str, key: str) -> Upload:
    row = held(key)
    _end(row, Upload.Status.CANCELLED)
    audit.record(by=by, action="upload.cancelled", target=row.id)
    return row


def _end(row: Upload, status: Upload.Status, file: File | None = None) -> None:
    row.status, row.file, row.tidy_at = status, file, timezone.now() + GRACE
    row.save(update_fields=["status", "file", "tidy_at"])
    row.parts.all().delete()
    # What a store that is away keeps, the clock removes.
    transaction.on_commit(partial(blobs.delete_folder, keys.upload_parts(row.tenant_id, row.id)), robust=True)
