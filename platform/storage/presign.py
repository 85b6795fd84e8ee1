"""Addresses at which a customer hands bytes straight to the store, or fetches them there, past the web process.

SigV4 in the query (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html). Method, key, time
and Content-Length are signed, so that the store itself refuses another size, another key and a late comer.
"""

from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings

from storage.client import connect

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

PUT_LIMIT = 5 * 1_073_741_824  # bytes that S3 takes in one PUT


@cache
def _client() -> "S3Client":
    """Where customers reach the store may differ from where we do; the host is signed too."""
    return connect(settings.S3.get("public_endpoint_url") or settings.S3["endpoint_url"])


def put_url(key: str, *, size: int, seconds: int) -> str:
    """For one object of exactly `size` bytes. Signing asks nobody: the store may be away."""
    return _client().generate_presigned_url(
        "put_object",
        Params={"Bucket": settings.S3["bucket"], "Key": key, "ContentLength": size},
        ExpiresIn=seconds,
    )


def get_url(key: str, *, filename: str, seconds: int) -> str:
    """For one object, which a browser keeps under `filename`."""
    return _client().generate_presigned_url(
        "get_object",
        Params={
            "Bucket": settings.S3["bucket"],
            "Key": key,
            "ResponseContentDisposition": f'attachment; filename="{filename}"',
        },
        ExpiresIn=seconds,
    )
