"""A presigned address lets exactly one object of one size into the store, for a time, and nothing out."""

import hashlib
import time

import httpx
import pytest

from storage import blobs, presign

CONTENT = b"text,label\n" * 1_000


@pytest.fixture
def key(migrated: None, request: pytest.FixtureRequest) -> str:
    return f"tests/{request.node.name[:60]}/part"


def address(key: str, *, size: int = len(CONTENT), seconds: int = 60) -> str:
    return presign.put_url(key, size=size, seconds=seconds)


def test_a_put_lands_under_its_key_and_answers_the_md5(key: str) -> None:
    answer = httpx.put(address(key), content=CONTENT)
    assert answer.status_code == 200
    digest = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
    assert answer.headers["ETag"].strip('"') == digest
    assert blobs.entries(key) == {key: blobs.Entry(bytes=len(CONTENT), etag=digest)}
    assert blobs.get(key) == CONTENT


@pytest.mark.parametrize("content", [CONTENT + b"x", CONTENT[:-1], b""])
def test_another_size_is_refused(key: str, content: bytes) -> None:
    assert httpx.put(address(key), content=content).status_code == 403
    assert blobs.listing(key) == []


def test_another_key_and_another_method_are_refused(key: str) -> None:
    url = address(key)
    assert httpx.put(url.replace("/part?", "/other?"), content=CONTENT).status_code == 403
    assert httpx.put(url, content=CONTENT).status_code == 200
    assert httpx.get(url).status_code == 403
    assert httpx.delete(url).status_code == 403


def test_a_late_comer_is_refused(key: str) -> None:
    url = address(key, seconds=1)
    time.sleep(2.1)
    assert httpx.put(url, content=CONTENT).status_code in (400, 403)
    assert blobs.listing(key) == []


def test_customers_may_reach_the_store_under_another_address(key: str, settings: pytest.FixtureRequest) -> None:
    settings.S3 = {**settings.S3, "public_endpoint_url": "https://store.example.com"}  # type: ignore[attr-defined]
    presign._client.cache_clear()
    try:
        assert address(key).startswith(f"https://store.example.com/{settings.S3['bucket']}/{key}?X-Amz-Algorithm=")  # type: ignore[attr-defined]
    finally:
        presign._client.cache_clear()
