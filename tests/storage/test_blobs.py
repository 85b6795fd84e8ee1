"""Bytes in a real S3 server: whole or absent, in any size, and told in our own words when the store is away."""

from pathlib import Path

import pytest
from django.test import override_settings

from storage import blobs
from storage.blobs import PART, Missing, StoreUnavailable, Upload


@pytest.fixture
def prefix(migrated: None, request: pytest.FixtureRequest) -> str:
    return f"tests/{request.node.name[:60]}/"


@pytest.mark.parametrize("size", [1, PART - 1, PART, PART + 1, 2 * PART + 7])
def test_an_upload_of_any_size_comes_back_byte_for_byte(prefix: str, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    upload = Upload(f"{prefix}file")
    for start in range(0, size, 300_000):
        upload.write(content[start : min(start + 300_000, size)])
    upload.complete()
    assert b"".join(blobs.stream(upload.key)) == content[:size]


def test_an_upload_is_invisible_until_complete_and_leaves_nothing_when_aborted(prefix: str) -> None:
    upload = Upload(f"{prefix}file")
    upload.write(b"x" * (PART + 1))
    assert blobs.listing(prefix) == []
    upload.abort()
    assert blobs.listing(prefix) == []


def test_a_folder_goes_up_and_comes_down_with_its_manifest_last(
    prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "deep").mkdir(parents=True)
    for name in ("manifest.json", "deep/z", "a"):
        (source / name).write_text(name)
    blobs.upload_folder(source, prefix)
    fetched: list[str] = []
    download = blobs.download

    def noted(key: str, path: Path) -> None:
        fetched.append(key)
        download(key, path)

    monkeypatch.setattr(blobs, "download", noted)
    blobs.download_folder(prefix, target)
    assert [key.removeprefix(prefix) for key in fetched] == ["a", "deep/z", "manifest.json"]
    assert {path.relative_to(target).as_posix() for path in target.rglob("*") if path.is_file()} == {
        "manifest.json",
        "deep/z",
        "a",
    }
    blobs.delete_folder(prefix)
    assert blobs.listing(prefix) == []
    blobs.delete(f"{prefix}a")  # once more is no error


def test_what_is_not_there_is_told_as_missing(prefix: str, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        blobs.download_folder(f"{prefix}nothing/", tmp_path)
    with pytest.raises(Missing):
        blobs.get(f"{prefix}nothing")


def test_a_store_that_is_away_is_told_as_unavailable(prefix: str) -> None:
    away = {"endpoint_url": "http://127.0.0.1:1", "access_key_id": "x", "secret_access_key": "y"}
    blobs._client.cache_clear()
    try:
        with (
            override_settings(S3={**away, "bucket": "b", "region": "us-east-1"}),
            pytest.raises(StoreUnavailable, match="EndpointConnectionError"),
        ):
            blobs.put(f"{prefix}x", b"x")
    finally:
        blobs._client.cache_clear()
