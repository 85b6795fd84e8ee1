"""One object out of an upload's parts, in the order their sender names.

The bytes are streamed through this process, a few mebibytes at a time. S3 could copy parts by itself
(UploadPartCopy), but their whole must be read for its hash anyway, parts below 5 MiB cannot be copied, and
`rclone serve s3` takes such a copy for an upload of nothing and answers 200.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from django.conf import settings

from contracts.problems import Fault, Problem, echo
from storage import blobs, keys
from storage.blobs import Entry
from tenants.scoping import tenant_context
from training.models import Upload, UploadPart
from training.services import files, uploads
from training.services.files import Stored

TOLD = 20  # faults told at once at the most


def assemble(
    tenant: UUID, key: str, *, part_ids: Sequence[str], etags: Mapping[str, str], md5: str | None
) -> Stored | None:
    """Takes as long as the store; holds no context meanwhile. No row names the bytes yet: `uploads.complete` does.

    None where the upload has ended, or ends meanwhile: then there is nothing to put together. Raises `Problem` where
    the parts are not what was announced; the upload stays as it was.
    """
    with tenant_context(tenant):
        upload = uploads.get(key)
        if upload.status_now != Upload.Status.PENDING:
            return None
        found: dict[str, UploadPart] = {part.id: part for part in upload.parts.filter(id__in=part_ids)}
    asks_store = bool(etags) or any(part.direct for part in found.values())
    there = blobs.entries(keys.upload_parts(tenant, key)) if asks_store else {}
    if faults := [
        *_id_faults(part_ids, found),
        *_store_faults(part_ids, found, there),
        *_etag_faults(etags, found, there),
    ]:
        raise Problem.of(faults[:TOLD])
    chosen = [found[part] for part in part_ids]
    _check_size(sum(part.bytes for part in chosen), upload)
    try:
        return files.store(tenant, _pieces(upload, chosen, md5), limit=settings.UPLOAD_LIMIT_BYTES)
    except blobs.Missing:
        return None


def _pieces(upload: Upload, parts: Sequence[UploadPart], md5: str | None) -> Iterator[bytes]:
    """The whole in order. Where it is not what it should be, the end is a `Problem`: the new object stays undone."""
    size, digest = 0, hashlib.md5(usedforsecurity=False) if md5 else None
    for part in parts:
        for piece in blobs.stream(part.key):
            size += len(piece)
            if digest:
                digest.update(piece)
            yield piece
    _check_size(size, upload)
    if digest and digest.hexdigest() != md5:
        message = f"The parts in this order have the MD5 {digest.hexdigest()}, not {md5}; check order and bytes."
        raise Problem("md5_mismatch", message, param="md5")


def _check_size(size: int, upload: Upload) -> None:
    if size != upload.bytes:
        message = f"The parts hold {size:,} bytes together, but the upload announced {upload.bytes:,}."
        raise Problem("size_mismatch", message, param="part_ids")


def _id_faults(part_ids: Sequence[str], found: Mapping[str, UploadPart]) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, part in enumerate(part_ids):
        if part in seen:
            message = f"The part {echo(part)} is named twice; a part belongs in one place."
            yield Fault(code="duplicate_part", message=message, param=f"part_ids.{index}")
        elif part not in found:
            message = f"No part of this upload is called {echo(part)}; GET the upload for those it has."
            yield Fault(code="unknown_part", message=message, param=f"part_ids.{index}")
        seen.add(part)


def _store_faults(
    part_ids: Sequence[str], found: Mapping[str, UploadPart], there: Mapping[str, Entry]
) -> Iterator[Fault]:
    """Of parts that their sender put into the store: promised is not yet sent."""
    for index, part in enumerate(found[key] for key in dict.fromkeys(part_ids) if key in found):
        entry = there.get(part.key)
        if not part.direct or (entry and entry.bytes == part.bytes):
            continue
        sent = f"has {entry.bytes:,} bytes instead of {part.bytes:,}" if entry else "has not arrived"
        message = f"The part {echo(part.id)} {sent}; PUT it again, with a new address from presign if need be."
        code = "wrong_part_size" if entry else "part_missing"
        yield Fault(code=code, message=message, param=f"part_ids.{index}")


def _etag_faults(
    etags: Mapping[str, str], found: Mapping[str, UploadPart], there: Mapping[str, Entry]
) -> Iterator[Fault]:
    for part, etag in etags.items():
        if part not in found:
            message = f"etags names {echo(part)}, which is not among part_ids."
            yield Fault(code="unknown_part", message=message, param="etags")
        elif (entry := there.get(found[part].key)) and entry.etag != etag.strip('"'):
            message = f"The part {echo(part)} has the ETag {echo(entry.etag)} in the store; PUT it again."
            yield Fault(code="etag_mismatch", message=message, param="etags")
