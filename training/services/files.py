"""Uploaded files: streamed to the object store, hashed on the way, visible only when whole."""

import hashlib
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import QuerySet

from api.errors import ApiError, NotFound
from contracts import ids
from contracts.problems import Problem
from storage import blobs, keys
from tenants import audit
from tenants.scoping import tenant_context
from training.models import File


def add(
    *,
    by: str,
    tenant: UUID,
    filename: str,
    purpose: str,
    pieces: Iterable[bytes],
    limit: int,
    live: bool = True,
    metadata: dict[str, str] | None = None,
) -> File:
    """Opens its own, short context after the bytes are stored. Raises `Problem` for an empty or too large file.

    Bytes whose row could not be written are deleted again, as far as the store answers.
    """
    file_id = ids.new("file")
    upload = blobs.Upload(keys.upload(tenant, file_id))
    try:
        size, sha256 = _store(upload, pieces, limit)
    except BaseException:
        upload.abort()
        raise
    try:
        with tenant_context(tenant):
            row = File.objects.create(
                id=file_id, filename=filename, purpose=purpose, bytes=size, sha256=sha256, key=upload.key,
                livemode=live, metadata=metadata or {},
            )  # fmt: skip
            audit.record(by=by, action="file.created", target=row.id, bytes=size)
    except BaseException:
        blobs.delete(upload.key)
        raise
    return row


def _store(upload: blobs.Upload, pieces: Iterable[bytes], limit: int) -> tuple[int, str]:
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
