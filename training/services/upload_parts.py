"""Parts of an upload: sent through us, or promised and put straight into the store by their sender.

Each is an object of its own, so that they come in parallel, in any order, and again after a lost connection.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum
from django.utils import timezone

from api.errors import ApiError, Conflict
from contracts import ids
from contracts.problems import Fault, Problem, echo
from storage import blobs, keys, presign
from training.models import Upload, UploadPart
from training.services import uploads

PART_LIMIT = 64 * 1_048_576  # bytes of a part that comes through us; OpenAI's limit
MOST = 10_000  # parts of one upload
AT_ONCE = 100  # addresses signed in one call
URL_LIFE = timedelta(minutes=15)


@dataclass(frozen=True, kw_only=True)
class StoredPart:
    """Bytes in the store that no row names yet."""

    part: str  # the id that the row will have
    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where one part may be PUT, until when."""

    part: UploadPart
    url: str
    expires_at: datetime


def store(tenant: UUID, upload: str, content: "UploadedFile[bytes]") -> StoredPart:
    """Takes as long as the store; needs no context. The content lies on disk and is read from there twice."""
    size = content.size or 0
    if size > PART_LIMIT:
        raise too_large()
    if size == 0:
        raise Problem("empty_part", "The part is empty; send some bytes of the file.", param="data")
    digest = hashlib.sha256()
    for piece in content.chunks():
        digest.update(piece)
    content.seek(0)
    part = ids.new("part")
    key = keys.upload_part(tenant, upload, part)
    blobs.put(key, content)
    return StoredPart(part=part, key=key, bytes=size, sha256=digest.hexdigest())


def too_large() -> ApiError:
    message = f"A part may have at most {PART_LIMIT:,} bytes; send more parts, or larger ones to presigned addresses."
    return ApiError(413, "part_too_large", message, param="data")


def discard(stored: StoredPart) -> None:
    """For bytes whose row was not written."""
    blobs.delete(stored.key)


def add(*, key: str, stored: StoredPart) -> UploadPart:
    """From the commit on the part counts."""
    upload = uploads.held(key)
    taken = _promised(upload)
    # Room for everything to come twice: a client that lost an answer sends the part again.
    if taken + stored.bytes > 2 * upload.bytes + PART_LIMIT or upload.parts.count() >= MOST:
        message = f"The parts sent hold {taken:,} bytes, and the upload is of {upload.bytes:,}; complete or cancel it."
        raise Conflict("too_many_parts", message, param="data")
    part: UploadPart = UploadPart.objects.create(
        id=stored.part, upload=upload, bytes=stored.bytes, sha256=stored.sha256
    )
    return part


def offer(*, key: str, count: int | None, size: int) -> list[Address]:
    """Addresses for the bytes that no part holds or promises yet: `size` each, the last what remains.

    `count` None: as many as it takes, at most `AT_ONCE`.
    """
    upload = uploads.held(key)
    left = upload.bytes - _promised(upload)
    needed = -(-max(left, 0) // size)
    wanted = min(needed, AT_ONCE) if count is None else count
    if needed == 0:
        message = "Parts for all bytes of the upload are sent or promised; name part_ids to get new addresses for them."
        raise Conflict("nothing_left", message, param="parts")
    if wanted > needed:
        message = f"{left:,} bytes are left, which makes {needed:,} parts of {size:,} bytes, not {wanted:,}."
        raise Problem("too_many_parts", message, param="parts")
    if upload.parts.count() + wanted > MOST:
        message = f"An upload has at most {MOST:,} parts; choose a larger part_size."
        raise Problem("too_many_parts", message, param="part_size")
    sizes = [min(size, left - number * size) for number in range(wanted)]
    return [_address(upload, UploadPart.objects.create(upload=upload, bytes=one, direct=True)) for one in sizes]


def offer_again(*, key: str, part_ids: Sequence[str]) -> list[Address]:
    """New addresses for parts that were promised before."""
    upload = uploads.held(key)
    promised = {part.id: part for part in upload.parts.filter(direct=True, id__in=part_ids)}
    if faults := [
        Fault(
            code="unknown_part",
            message=f"No presigned part of this upload is called {echo(part)}.",
            param=f"part_ids.{index}",
        )
        for index, part in enumerate(part_ids)
        if part not in promised
    ]:
        raise Problem.of(faults)
    return [_address(upload, promised[part]) for part in dict.fromkeys(part_ids)]


def arrived(tenant: UUID, upload: Upload, parts: Sequence[UploadPart]) -> set[str]:
    """Ids of the parts whose bytes are there. Asks the store only for those that did not come through us."""
    there = blobs.entries(keys.upload_parts(tenant, upload.id)) if any(part.direct for part in parts) else {}
    return {part.id for part in parts if not part.direct or part.key in there}


def _promised(upload: Upload) -> int:
    total: int | None = upload.parts.aggregate(total=Sum("bytes"))["total"]
    return int(total or 0)


def _address(upload: Upload, part: UploadPart) -> Address:
    """Never valid beyond the upload's own end."""
    now = timezone.now()
    seconds = max(1, int((min(now + URL_LIFE, upload.expires_at) - now).total_seconds()))
    url = presign.put_url(part.key, size=part.bytes, seconds=seconds)
    return Address(part=part, url=url, expires_at=now + timedelta(seconds=seconds))
