"""Uploaded files: streamed to the object store, hashed on the way, visible only when whole."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from api.errors import ApiError, NotFound
from contracts import ids
from contracts.problems import Problem
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import File


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Bytes in the store that no row names yet."""

    file: str  # the id that the row will have
    key: str
    bytes: int
    sha256: str


def store(tenant: UUID, pieces: Iterable[bytes], *, limit: int) -> Stored:
    """Takes as long as its sender; needs no context. Raises `Problem` for an empty or too large file."""
    file = ids.new("file")
    upload = blobs.Upload(keys.upload(tenant, file))
    try:
        size, sha256 = _write(upload, pieces, limit)
    except BaseException:
        upload.abort()
        raise
    return Stored(file=file, key=upload.key, bytes=size, sha256=sha256)


def _write(upload: blobs.Upload, pieces: Iterable[bytes], limit: int) -> tuple[int, str]:
    size, digest = 0, hashlib.sha256()
    for piece in pieces:
        size += len(piece)
        if size > limit:
            raise ApiError(413, "file_too_large", f"A file may have at most {limit:,} bytes.", param="file")
        digest.update(piece)
        upload.write(piece)
    if size == 0:
        raise Problem("empty_file", "The file is empty; choose one with data in it.", param="file")
    upload.complete()
    return size, digest.hexdigest()


def discard(stored: Stored) -> None:
    """For bytes whose row was not written."""
    blobs.delete(stored.key)


def add(
    *,
    by: str,
    stored: Stored,
    filename: str,
    purpose: str,
    live: bool = True,
    metadata: dict[str, str] | None = None,
    expires_at: datetime | None = None,
) -> File:
    """From the commit on the file is there, whole."""
    row: File = File.objects.create(
        id=stored.file, filename=filename, purpose=purpose, bytes=stored.bytes, sha256=stored.sha256, key=stored.key,
        livemode=live, metadata=metadata or {}, expires_at=expires_at,
    )  # fmt: skip
    audit.record(by=by, action="file.created", target=row.id, bytes=row.bytes)
    return row


def listed(purpose: str | None = None) -> QuerySet[File]:
    rows: QuerySet[File] = File.objects.all()
    return rows.filter(purpose=purpose) if purpose else rows


def get(key: str) -> File:
    """Raises `NotFound` for an absent or foreign id."""
    row: File | None = File.objects.filter(id=key).first()
    if row is None:
        raise NotFound("file", key)
    return row


def content(row: File) -> Iterator[bytes]:
    """The bytes as they came; needs no context."""
    return blobs.stream(row.key)


def delete(*, by: str, tenant: UUID, key: str) -> str:
    """The row first, then the bytes: what is still listed can always be read. Data sets made of it remain."""
    with tenant_context(tenant):
        row = get(key)
        location, file_id = row.key, row.id
        row.delete()
        audit.record(by=by, action="file.deleted", target=file_id)
    blobs.delete(location)
    return file_id
