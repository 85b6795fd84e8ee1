"""The data inside what was uploaded: a gzip or Zstandard file, or a ZIP archive of one data file or of several.

What a file is, its first bytes say. One whose name claims to be a bare table but whose bytes are an archive is
refused: either the name or the bytes are not what the customer thinks.
"""

import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path, PurePath, PurePosixPath
from zipfile import ZipInfo

from contracts import task
from contracts.ingestion import IngestionSpec
from contracts.problems import Problem, echo
from training.ingest import archive, binary, bundles
from training.ingest.archive import MOST_ENTRIES, Archive, corrupt
from training.ingest.formats import SUFFIXES, misnamed
from training.ingest.media.extract import extract
from training.ingest.meter import Meter
from training.ingest.places import FIRST
from training.ingest.upload import Part, Upload

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

# First bytes -> what they open. An archive without entries is its end record alone.
GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
STREAMS = {GZIP: "gzip", ZSTANDARD: "zstd"}
ZIPS = (archive.MAGIC, b"PK\x05\x06")
KINDS = {GZIP: "a gzip archive", ZSTANDARD: "a Zstandard archive", **dict.fromkeys(ZIPS, "a ZIP archive")}
CHUNK = 1 << 20  # bytes
WIDEST = 27  # log2 of the window a Zstandard frame may ask for: 128 MiB, the most that its own tool reads unasked
PROSE = ("readme", "license", "licence", "changelog")  # files about the data
CLUTTER = ("__MACOSX/", ".")  # what macOS packs along; hidden files
WORKBOOK = "xl/workbook.xml"
DOCUMENTS = {
    "xl/workbook.bin": "a binary Excel workbook",
    "[Content_Types].xml": "an Office document",
    "mimetype": "an OpenDocument file",
}


def unpack(spec: IngestionSpec, source: Path, folder: Path) -> Upload:
    """The data file, in `folder` where it had to be unpacked.

    Raises `Problem`: those of `Archive` and `Meter`, `type_mismatch`, `corrupt_file`, `empty_dataset`,
    `several_files`, `nested_archive`.
    """
    sample = binary.head(source)
    magic = _packed(sample)
    if magic is None:
        return Upload(path=source, filename=spec.filename)
    meter = Meter(spec.filename, source.stat().st_size, spec.limits)
    target = folder / "unpacked"
    named = SUFFIXES.get(PurePath(spec.filename).suffix.lower())
    if named is not None and (magic in STREAMS or "xlsx" not in (named, spec.format)):
        raise misnamed(spec.filename, named, KINDS[magic])
    if magic in STREAMS:
        _write(_expanded(source, spec.filename, magic, meter), target)
        return _bare(spec, target, _without_suffix(spec.filename), STREAMS[magic])
    with_media = any(form.of(*task.MEDIA) for form in task.KINDS[spec.task_kind])
    most = spec.limits.media_files if with_media else MOST_ENTRIES
    opened = Archive(source, spec.filename, meter, most_entries=most)
    if with_media and magic in ZIPS:
        files = extract(opened, folder, spec.limits)
        return Upload(path=source, filename=spec.filename, container="zip", files=files)
    if WORKBOOK in opened.names:
        return Upload(path=source, filename=spec.filename, workbook=opened)
    for name, kind in DOCUMENTS.items():
        if name in opened.names:
            raise binary.mismatch(spec.filename, kind)
    if named is not None:
        raise misnamed(spec.filename, named, KINDS[magic])
    data, left_out = _data_files(opened)
    if len(data) > 1:
        parts = _parts(opened, data, folder, meter)
        return Upload(path=source, filename=spec.filename, container="zip", left_out=left_out, parts=parts)
    _write(opened.chunks(data[0]), target)
    return _bare(spec, target, PurePosixPath(data[0].filename).name, "zip", left_out)


def _packed(sample: bytes) -> bytes | None:
    found = next((magic for magic in KINDS if sample.startswith(magic)), None)
    return found if binary.is_binary(sample) else None


def _data_files(opened: Archive) -> tuple[list[ZipInfo], tuple[str, ...]]:
    """The files that hold data; and the names of those that by their suffix or name hold none beside them."""
    entries = [entry for entry in opened.entries if not _clutter(entry.filename)]
    data = [entry for entry in entries if PurePosixPath(entry.filename).suffix.lower() in SUFFIXES]
    data = data or [entry for entry in entries if PurePosixPath(entry.filename).stem.lower() not in PROSE] or entries
    if not data:
        message = f"{echo(opened.filename)} holds no file. Pack the data file into it, or send the file itself."
        raise Problem("empty_dataset", message, param="file")
    return data, tuple(entry.filename for entry in entries if entry not in data)


def _parts(opened: Archive, data: list[ZipInfo], folder: Path, meter: Meter) -> tuple[Part, ...]:
    """The files under numbered names. Raises `Problem` `several_files` where their names do not say how they belong
    together, and what `unpack` raises."""
    parts = tuple(Part(name=entry.filename, path=folder / f"file{at}") for at, entry in enumerate(data))
    if not bundles.splits(parts) and bundles.aligned(parts) is None:
        more = f" and {len(data) - FIRST:,} more" if len(data) > FIRST else ""
        names = ", ".join(echo(entry.filename) for entry in data[:FIRST])
        message = (
            f"{echo(opened.filename)} holds {len(data):,} files: {names}{more}. Send one of them alone, or name them "
            "train, validation and test."
        )
        raise Problem("several_files", message, param="file")
    for entry, part in zip(data, parts, strict=True):
        _write(opened.chunks(entry), part.path)
        magic = _packed(binary.head(part.path))
        if magic == GZIP and part.name.endswith(".gz"):
            packed = part.path.rename(folder / "packed")
            _write(_expanded(packed, part.name, magic, meter), part.path)
        elif magic is not None:
            raise _nested(opened.filename, magic)
    return parts


def _clutter(name: str) -> bool:
    return name.startswith(CLUTTER) or PurePosixPath(name).name.startswith(CLUTTER)


def _bare(spec: IngestionSpec, path: Path, filename: str, container: str, left_out: tuple[str, ...] = ()) -> Upload:
    """What came out of a container. A workbook may; another archive may not."""
    magic = _packed(binary.head(path))
    opened = None
    if magic in ZIPS:
        opened = Archive(path, filename, Meter(filename, path.stat().st_size, spec.limits))
    if magic is not None and (opened is None or WORKBOOK not in opened.names):
        raise _nested(spec.filename, magic)
    return Upload(path=path, filename=filename, container=container, left_out=left_out, workbook=opened)


def _nested(filename: str, magic: bytes) -> Problem:
    message = f"{echo(filename)} holds {KINDS[magic]} in its turn. Send the data file itself, or packed once."
    return Problem("nested_archive", message, param="file")


def _expanded(source: Path, filename: str, magic: bytes, meter: Meter) -> Iterator[bytes]:
    """The bytes of a gzip or Zstandard file, all its members or frames, metered."""
    try:
        with _opened(source, magic) as stream:
            for chunk in iter(partial(stream.read, CHUNK), b""):
                meter.add(len(chunk))
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error, zstd.ZstdError) as error:
        raise corrupt(filename, KINDS[magic]) from error


def _opened(source: Path, magic: bytes) -> gzip.GzipFile | zstd.ZstdFile:
    if magic == GZIP:
        return gzip.open(source)
    return zstd.ZstdFile(source, options={zstd.DecompressionParameter.window_log_max: WIDEST})


def _write(chunks: Iterable[bytes], target: Path) -> None:
    with target.open("wb") as stream:
        stream.writelines(chunks)


def _without_suffix(filename: str) -> str:
    path = PurePath(filename)
    return path.stem if path.suffix.lower() in (".gz", ".zst") else path.name
