"""Artifacts on the local disk: fetched once, verified at every opening, the least recently opened dropped first.

Knows no object store: `fetch` brings the files. Every path carries the tenant, so that erasure finds it.
"""

import hashlib
import logging
import re
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from contracts.manifest import BrokenArtifact, Manifest, verify
from contracts.prediction import Placement

logger = logging.getLogger(__name__)

Fetch = Callable[[Placement, Path], None]  # blocking; writes the artifact's files into the folder, manifest.json last

TENANT = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Artifacts:
    """One folder an artifact: `<root>/<tenant>/<digest of its prefix>`. Safe to call from several threads."""

    def __init__(self, root: Path, fetch: Fetch, *, limit_bytes: int) -> None:
        self._root, self._fetch, self._limit_bytes = root, fetch, limit_bytes
        self._lock = threading.Lock()
        self._open: set[Path] = set()
        for draft in root.glob("*/.*"):  # left by a process that was killed while it fetched
            shutil.rmtree(draft)

    @contextmanager
    def opened(self, placement: Placement) -> Iterator[tuple[Path, Manifest]]:
        """The verified folder, kept while in use. Raises `BrokenArtifact`, or whatever `fetch` raises."""
        folder = self._folder(placement)
        with self._lock:
            self._open.add(folder)
        try:
            yield folder, self._known(folder) or self._fetched(placement, folder)
        finally:
            with self._lock:
                self._open.discard(folder)
                self._trim()

    def _folder(self, placement: Placement) -> Path:
        if not TENANT.fullmatch(placement.tenant):
            raise ValueError("a tenant's id is no folder name")
        return self._root / placement.tenant / hashlib.sha256(placement.prefix.encode()).hexdigest()[:32]

    def _known(self, folder: Path) -> Manifest | None:
        if not folder.exists():
            return None
        try:
            manifest = verify(folder)
        except BrokenArtifact:
            logger.warning("a cached artifact is broken and is fetched again: %s", folder, exc_info=True)
            with self._lock:  # `_trim` looks at every folder
                shutil.rmtree(folder)
            return None
        folder.touch()
        return manifest

    def _fetched(self, placement: Placement, folder: Path) -> Manifest:
        """Into a draft that gets its name only when every byte agrees with the manifest."""
        draft = folder.with_name(f".{uuid.uuid4().hex}")
        draft.mkdir(parents=True)
        try:
            self._fetch(placement, draft)
            manifest = verify(draft)
            draft.rename(folder)
        except BaseException:
            shutil.rmtree(draft)
            raise
        return manifest

    def _trim(self) -> None:
        """Drops the oldest folders nobody has open. A model in memory does not need its folder any more."""
        folders = sorted(self._root.glob("*/[!.]*"), key=lambda folder: folder.stat().st_mtime)
        sizes = {folder: _bytes(folder) for folder in folders}
        total = sum(sizes.values())
        for folder in folders:
            if total <= self._limit_bytes:
                return
            if folder not in self._open:
                shutil.rmtree(folder)
                total -= sizes[folder]


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
