"""No manifest, no artifact; one flipped byte, one file too few, and it is broken."""

from pathlib import Path

import pytest

from contracts import manifest
from contracts.manifest import BrokenArtifact


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "weights").write_bytes(bytes(range(256)) * 9_000)  # over two chunks of hashing
    (tmp_path / "config.json").write_text("{}")
    manifest.seal(tmp_path, kind="model", about={"accuracy": 0.5})
    return tmp_path


def test_a_sealed_folder_verifies_and_tells_what_it_is(folder: Path) -> None:
    found = manifest.verify(folder)
    assert [file.path for file in found.files] == ["config.json", "deep/weights"]
    assert (found.kind, found.about) == ("model", {"accuracy": 0.5})


def test_a_flipped_byte_is_found(folder: Path) -> None:
    path = folder / "deep" / "weights"
    data = bytearray(path.read_bytes())
    data[1_500_000] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(BrokenArtifact, match="deep/weights differs"):
        manifest.verify(folder)


def test_a_missing_or_longer_file_is_found(folder: Path) -> None:
    with (folder / "config.json").open("a") as stream:
        stream.write(" ")
    with pytest.raises(BrokenArtifact, match=r"config\.json"):
        manifest.verify(folder)
    (folder / "config.json").unlink()
    with pytest.raises(BrokenArtifact, match=r"config\.json"):
        manifest.verify(folder)


@pytest.mark.parametrize("content", [None, b"", b"{}", b"\xff", b'{"kind": 3, "files": [], "about": {}}'])
def test_without_a_readable_manifest_there_is_no_artifact(folder: Path, content: bytes | None) -> None:
    (folder / manifest.NAME).unlink()
    if content is not None:
        (folder / manifest.NAME).write_bytes(content)
    with pytest.raises(BrokenArtifact, match="missing or unreadable"):
        manifest.verify(folder)
