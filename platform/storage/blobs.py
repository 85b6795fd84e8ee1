"""Bytes in and out of any S3-compatible store. Knows no tenant: callers bring keys from `storage.keys`.

Every failure of the store is a `StoreUnavailable` or a `Missing`, so that no caller needs to know botocore.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.conf import settings

from contracts.problems import Unavailable
from storage.client import connect

if TYPE_CHECKING:
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import CompletedPartTypeDef

PART = 8 * 1_048_576  # bytes of one part of a multipart upload; S3 wants at least 5 MiB
CHUNK = 1_048_576  # bytes handed on at a time when reading


class StoreUnavailable(Unavailable):
    """The store did not answer, or answered with an error of its own. Trying again may help."""


class Missing(Exception):
    """There is no object under this key."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An object as a listing tells of it. The ETag of what came in one PUT is the MD5 of its bytes."""

    bytes: int
    etag: str


@cache
def _client() -> "S3Client":
    return connect(settings.S3["endpoint_url"])


def _bucket() -> str:
    return str(settings.S3["bucket"])


@contextmanager
def _told_as_ours(key: str) -> Iterator[None]:
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") in ("404", "NoSuchKey", "NotFound"):
            raise Missing(key) from error
        raise StoreUnavailable(f"{error.operation_name}: {error.response.get('Error', {}).get('Code')}") from error
    except (BotoCoreError, S3UploadFailedError) as error:
        raise StoreUnavailable(type(error).__name__) from error


def ensure_bucket() -> None:
    """Creates the bucket where it is missing."""
    try:
        with _told_as_ours(_bucket()):
            _client().head_bucket(Bucket=_bucket())
    except Missing:
        with _told_as_ours(_bucket()):
            _client().create_bucket(Bucket=_bucket())


def put(key: str, body: bytes | IO[bytes]) -> None:
    """In one request, whole or not at all. A file is read as it goes; it must be seekable: it is signed first."""
    with _told_as_ours(key):
        _client().put_object(Bucket=_bucket(), Key=key, Body=body)


def get(key: str) -> bytes:
    """A small object, whole."""
    with _told_as_ours(key):
        return _client().get_object(Bucket=_bucket(), Key=key)["Body"].read()


def size(key: str) -> int:
    """Bytes of an object."""
    with _told_as_ours(key):
        return _client().head_object(Bucket=_bucket(), Key=key)["ContentLength"]


def stream(key: str) -> Iterator[bytes]:
    """An object in chunks of a mebibyte. Raises before the first chunk where it is missing."""
    with _told_as_ours(key):
        body = _client().get_object(Bucket=_bucket(), Key=key)["Body"]
    return _chunks(key, body)


def _chunks(key: str, body: "StreamingBody") -> Iterator[bytes]:
    """A store that goes away half-way is told like one that was away."""
    with _told_as_ours(key):
        yield from body.iter_chunks(CHUNK)


def delete(key: str) -> None:
    """Deleting what is absent is no error."""
    with _told_as_ours(key):
        _client().delete_object(Bucket=_bucket(), Key=key)


def listing(prefix: str) -> list[str]:
    return list(entries(prefix))


def entries(prefix: str) -> dict[str, Entry]:
    """What lies below `prefix`, by key."""
    with _told_as_ours(prefix):
        pages = _client().get_paginator("list_objects_v2").paginate(Bucket=_bucket(), Prefix=prefix)
        return {
            item["Key"]: Entry(bytes=item["Size"], etag=item["ETag"].strip('"'))
            for found in pages
            for item in found.get("Contents", [])
        }


def delete_folder(prefix: str) -> None:
    for key in listing(prefix):
        delete(key)


def download(key: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with _told_as_ours(key):
        _client().download_file(_bucket(), key, str(target))


def download_folder(prefix: str, target: Path, *, last: str = "manifest.json") -> None:
    """Every object below `prefix`; the file named `last` comes last, so that its presence means completeness."""
    found = sorted(listing(prefix), key=lambda key: (key == prefix + last, key))
    if not found:
        raise Missing(prefix)
    root = target.resolve()
    for key in found:
        path = (root / key.removeprefix(prefix)).resolve()
        if not path.is_relative_to(root):
            raise Missing(key)
        download(key, path)


def upload_folder(source: Path, prefix: str, *, last: str = "manifest.json") -> None:
    """Every file below `source`; the one named `last` goes up last: no manifest, no artifact."""
    names = [path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()]
    for name in sorted(names, key=lambda name: (name == last, name)):
        with _told_as_ours(prefix + name):
            _client().upload_file(str(source / name), _bucket(), prefix + name)


class Upload:
    """A multipart upload fed piece by piece: an upload of any size costs one part of memory.

    Nothing is visible in the store until `complete`; `abort` leaves nothing behind.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self._buffer = bytearray()
        self._parts: list[CompletedPartTypeDef] = []
        self._upload: str | None = None

    def write(self, piece: bytes) -> None:
        self._buffer += piece
        if len(self._buffer) >= PART:
            self._send_part()

    def complete(self) -> None:
        """Small bodies go up in one request; larger ones finish their multipart upload."""
        if self._upload is None:
            put(self.key, bytes(self._buffer))
            return
        if self._buffer:
            self._send_part()
        with _told_as_ours(self.key):
            _client().complete_multipart_upload(
                Bucket=_bucket(), Key=self.key, UploadId=self._upload, MultipartUpload={"Parts": self._parts}
            )

    def abort(self) -> None:
        if self._upload is not None:
            with _told_as_ours(self.key):
                _client().abort_multipart_upload(Bucket=_bucket(), Key=self.key, UploadId=self._upload)

    def _send_part(self) -> None:
        number = len(self._parts) + 1
        with _told_as_ours(self.key):
            if self._upload is None:
                self._upload = _client().create_multipart_upload(Bucket=_bucket(), Key=self.key)["UploadId"]
            answer = _client().upload_part(
                Bucket=_bucket(), Key=self.key, UploadId=self._upload, PartNumber=number, Body=bytes(self._buffer)
            )
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})
        self._buffer.clear()
