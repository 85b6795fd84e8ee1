"""What was uploaded, once it is out of what it was packed in."""

import re
from dataclasses import dataclass
from pathlib import Path

from training.ingest.archive import Archive
from training.ingest.media.extract import Files
from training.ingest.split.given import KNOWN

HALVES = {"testa": "validation", "testb": "test"}  # as CoNLL calls its own


@dataclass(frozen=True, kw_only=True)
class Part:
    """One file out of the archive: `name` is the archive's for it."""

    name: str
    path: Path

    @property
    def split(self) -> str | None:
        words = re.split(r"[\W_]+", self.name.lower())
        return next((split for word in words if (split := {**KNOWN, **HALVES}.get(word))), None)


@dataclass(frozen=True, kw_only=True)
class Upload:
    """A file that is not compressed, whatever it was when it came. `filename` is the customer's name for it."""

    path: Path
    filename: str
    container: str | None = None  # "gzip" | "zstd" | "zip"
    left_out: tuple[str, ...] = ()  # other files of the archive, which are no data
    workbook: Archive | None = None  # where the file is an Excel workbook, which is an archive itself
    parts: tuple[Part, ...] = ()  # of an archive of several data files, which are read as one
    files: Files | None = None  # of an archive of pictures or sounds
