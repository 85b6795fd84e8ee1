"""Files that are no text at all, whatever their name says. Looks at the first bytes only."""

from pathlib import Path

from contracts.ingestion import FORMATS
from contracts.problems import Problem, echo

SAMPLE = 1 << 16  # bytes looked at
CONTROLS = bytes(set(range(32)) - {*b"\t\n\f\r\x1b"})  # never in a text, save for stray damage
TAR, TAR_AT = b"ustar", 257  # bytes into a tar archive of any kind
BINARY_SHARE = 0.3  # of control bytes; UTF-16 and UTF-32 of Latin text exceed it too, and are told apart by `encoding`

# First bytes -> what the file is. Magic numbers spelled in letters ("MZ") may also open a text, hence `is_binary`.
# Those of files that are read (gzip, Zstandard, ZIP, Parquet) are known to `unpacking` and `formats`.
KINDS: tuple[tuple[bytes, str], ...] = (
    (b"%PDF-", "a PDF document"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"RIFF", "an audio, video or WebP file"),
    (b"MZ", "a Windows program"),
    (b"\x7fELF", "a Linux program"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"SQLite format 3\x00", "an SQLite database"),
)


def head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(SAMPLE)


def control_share(sample: bytes) -> float:
    return (len(sample) - len(sample.translate(None, CONTROLS))) / max(len(sample), 1)


def refuse_binary(sample: bytes, filename: str) -> None:
    """Raises `Problem` `type_mismatch` where the first bytes name a format that is no text."""
    for magic, kind in KINDS:
        if sample.startswith(magic) and is_binary(sample):
            raise mismatch(filename, kind)
    if sample.startswith(TAR, TAR_AT) and is_binary(sample):
        raise mismatch(filename, "a tar archive")


def mismatch(filename: str, kind: str) -> Problem:
    message = (
        f"{echo(filename)} is {kind}, not a table of text. Export the data in one of the formats read here and upload "
        f"that: {', '.join(FORMATS)}."
    )
    return Problem("type_mismatch", message, param="file")


def is_binary(sample: bytes) -> bool:
    """Whether the bytes after a magic number are no text either."""
    return sample.startswith(b"%PDF-") or control_share(sample) > 0 or not _decodes(sample)


def _decodes(sample: bytes) -> bool:
    try:
        sample[: SAMPLE - 4].decode()  # the sample's own end may cut a character
    except UnicodeDecodeError as error:
        return error.end == len(sample)
    return True
