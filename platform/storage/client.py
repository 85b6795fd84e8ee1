"""How the store is spoken to: path-style addresses and SigV4, which every S3-compatible store understands.

boto3 is imported on first use: it costs more start-up time and memory than the rest of the web process's imports.
"""

from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def connect(endpoint_url: str | None) -> "S3Client":
    """A client of the store at this address; None: AWS itself."""
    import boto3
    from botocore.config import Config

    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        connect_timeout=3,
        read_timeout=20,
        retries={"max_attempts": 3, "mode": "standard"},
        request_checksum_calculation="when_required",  # many S3-compatible stores lack the newer checksums
        response_checksum_validation="when_required",
    )
    given: dict[str, Any] = settings.S3
    return boto3.client(
        "s3",
        endpoint_url=endpoint_url,
        aws_access_key_id=given["access_key_id"],
        aws_secret_access_key=given["secret_access_key"],
        region_name=given["region"],
        config=config,
    )
