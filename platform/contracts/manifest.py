"""manifest.json, written last: a folder without one is no artifact, and one whose files differ from it is broken.

Hashes are needed because torch and safetensors load a flipped byte silently.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from contracts.codec import from_json, to_json

NAME = "manifest.json"
CHUNK = 1 << 20  # bytes hashed at a time


@dataclass(frozen=True, kw_only=True)
class File:
    path: str  # relative, "/" between parts
    bytes: int
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """`kind` is what the folder holds ("model", "checkpoint"); `about` what lists and loaders want to know early."""

    kind: str
    files: tuple[File, ...]
    about: dict[str, str | int | float | bool | None]
    version: int = 1


class BrokenArtifact(Exception):
    """The folder lacks its manifest, a file of it, or a byte differs."""


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def seal(folder: Path, *, kind: str, about: dict[str, str | int | float | bool | None]) -> Manifest:
    """Hashes every file below `folder` and writes manifest.json over them, atomically and last."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    files = tuple(
        File(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in paths
    )
    manifest = Manifest(kind=kind, files=files, about=about)
    draft = folder / f".{NAME}.tmp"
    draft.write_bytes(to_json(manifest))
    draft.rename(folder / NAME)
    return manifest


def read(folder: Path) -> Manifest:
    """Raises `BrokenArtifact` where there is none or it cannot be read."""
    try:
        return from_json((folder / NAME).read_bytes(), Manifest)
    except (OSError, ValueError) as error:
        raise BrokenArtifact(f"{NAME} missing or unreadable") from error


def verify(folder: Path) -> Manifest:
    """The manifest, after every file's size and hash was found to agree; raises `BrokenArtifact`."""
    manifest = read(folder)
    for file in manifest.files:
        path = folder / file.path
        if not path.is_file() or path.stat().st_size != file.bytes or sha256_of(path) != file.sha256:
            raise BrokenArtifact(f"{file.path} differs from the manifest")
    return manifest
