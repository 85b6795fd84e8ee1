"""A ZIP archive, its directory checked before a byte of it is unpacked.

`zipfile` reads the directory; everything it lets through is checked here: entries that share bytes (twelve kilobytes
that unpack to gigabytes), names that lead out of a folder, links, encryption, sizes that lie. The bytes are inflated
here too, as many as there are rather than as many as the directory says.
"""

import re
import stat
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from contracts.problems import Problem, echo
from training.ingest.meter import Meter

MAGIC = b"PK\x03\x04"
END = struct.Struct("<4s4H2LH")  # the end record: signature, ..., entries, directory's size, offset, comment's length
LOCATOR = struct.Struct("<4sLQL")  # of the end record of ZIP64: signature, disk, its offset, disks
END_64 = struct.Struct("<4sQ2H2L4Q")  # the end record of ZIP64: signature, ..., entries, directory's size, offset
LOCAL = struct.Struct("<4s5H3L2H")  # an entry's own header: ..., name's length, extra field's length
LONGEST_COMMENT = 1 << 16  # bytes
MOST_ENTRIES = 1_000
ENTRY = 1 << 10  # bytes of the directory an entry, at most: names of a thousand
ENCRYPTED = 0x1 | 0x40 | 0x2000  # flag bits: of the bytes, strongly, of the directory itself
CHUNK = 1 << 20  # bytes inflated at a time


class Archive:
    """`entries` are its files, in the order of the directory; folders are left out."""

    def __init__(self, path: Path, filename: str, meter: Meter, *, most_entries: int = MOST_ENTRIES) -> None:
        """Raises `Problem`: `corrupt_file`, `unsupported_compression`, `too_many_entries`, `unsafe_path`,
        `encrypted_archive`, `overlapping_entries`."""
        self.path = path
        self.filename = filename
        self.meter = meter
        self.most_entries = most_entries
        self.starts: dict[int, int] = {}  # an entry's header -> where its bytes begin
        directory = self._directory_start()
        try:
            with ZipFile(path) as archive:
                found = archive.infolist()
        except (BadZipFile, NotImplementedError, ValueError, struct.error, OverflowError) as error:
            raise self._corrupt() from error
        for entry in found:
            self._refuse_unsafe(entry)
        self._refuse_overlaps(found, directory)
        self.entries = [entry for entry in found if not entry.is_dir()]

    @property
    def names(self) -> set[str]:
        return {entry.filename for entry in self.entries}

    def chunks(self, entry: ZipInfo) -> Iterator[bytes]:
        """The entry's bytes, metered. Raises `Problem` `corrupt_file` where size or checksum is not as promised."""
        size = checksum = 0
        for chunk in self._inflated(entry):
            size, checksum = size + len(chunk), zlib.crc32(chunk, checksum)
            self.meter.add(len(chunk))
            yield chunk
        if size != entry.file_size or checksum != entry.CRC:
            raise self._corrupt()

    def _inflated(self, entry: ZipInfo) -> Iterator[bytes]:
        inflate = zlib.decompressobj(-zlib.MAX_WBITS) if entry.compress_type == ZIP_DEFLATED else None
        left = entry.compress_size
        with self.path.open("rb") as stream:
            stream.seek(self.starts[entry.header_offset])
            while left and (packed := stream.read(min(CHUNK, left))):
                left -= len(packed)
                if inflate is None:
                    yield packed
                while inflate is not None and packed:
                    try:
                        chunk = inflate.decompress(packed, CHUNK)
                    except zlib.error as error:
                        raise self._corrupt() from error
                    yield chunk
                    packed = inflate.unconsumed_tail if chunk else b""
        if inflate is not None and not inflate.eof:
            raise self._corrupt()

    def _directory_start(self) -> int:
        """Where the directory begins: it must end where the end record does, so that every reader finds the same."""
        size = self.path.stat().st_size
        with self.path.open("rb") as stream:
            stream.seek(max(0, size - END.size - LONGEST_COMMENT))
            tail = stream.read()
        at = tail.rfind(b"PK\x05\x06")
        if at < 0 or len(tail) - at < END.size:
            raise self._corrupt()
        *_, entries, length, offset, comment = END.unpack_from(tail, at)
        end = size - len(tail) + at
        if tail[max(0, at - LOCATOR.size) : at].startswith(b"PK\x06\x07"):
            entries, length, offset, end = self._end_of_zip64(LOCATOR.unpack_from(tail, at - LOCATOR.size)[2])
        if entries > self.most_entries or length > self.most_entries * ENTRY:
            message = (
                f"{echo(self.filename)} lists {entries:,} entries; at most {self.most_entries:,} are read. "
                "Send an archive of the data files alone."
            )
            raise Problem("too_many_entries", message, param="file")
        if offset + length != end or at + END.size + comment != len(tail):
            raise self._corrupt()
        return int(offset)

    def _end_of_zip64(self, at: int) -> tuple[int, int, int, int]:
        """Entries, the directory's size and offset, and where it must end: some Java programs always write these."""
        with self.path.open("rb") as stream:
            stream.seek(min(at, self.path.stat().st_size))
            record = stream.read(END_64.size)
        if len(record) < END_64.size or not record.startswith(b"PK\x06\x06"):
            raise self._corrupt()
        *_, entries, length, offset = END_64.unpack(record)
        return entries, length, offset, at

    def _refuse_unsafe(self, entry: ZipInfo) -> None:
        name = entry.orig_filename  # as it is written: `filename` ends at a NUL
        parts = name.split("/")
        if "\0" in name or "\\" in name or ".." in parts or not parts[0] or re.match("[A-Za-z]:", name):
            message = (
                f"{echo(self.filename)} holds the name {echo(name)}, which leads out of its folder or is no name on "
                "every system. Pack the file again, without its path."
            )
            raise Problem("unsafe_path", message, param="file")
        if stat.S_ISLNK(entry.external_attr >> 16):
            message = f"{echo(self.filename)} holds the link {echo(name)}. Pack the file itself."
            raise Problem("unsafe_path", message, param="file")
        if entry.flag_bits & ENCRYPTED:
            raise encrypted(self.filename)
        if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            message = (
                f"{echo(name)} in {echo(self.filename)} is packed by method {entry.compress_type}. Pack it with "
                "Deflate, as every ZIP program does unless told otherwise."
            )
            raise Problem("unsupported_compression", message, param="file")

    def _refuse_overlaps(self, entries: list[ZipInfo], directory: int) -> None:
        """Each entry's header and bytes must end before the next one's header, the last before the directory."""
        ordered = sorted(entries, key=lambda entry: entry.header_offset)
        ends = [*(entry.header_offset for entry in ordered), directory][1:]
        with self.path.open("rb") as stream:
            for entry, end in zip(ordered, ends, strict=True):
                stream.seek(entry.header_offset)
                header = stream.read(LOCAL.size)
                if len(header) < LOCAL.size or not header.startswith(MAGIC):
                    raise self._corrupt()
                *_, name, extra = LOCAL.unpack(header)
                start = entry.header_offset + LOCAL.size + name + extra
                if start + entry.compress_size > end:
                    message = (
                        f"{echo(self.filename)} holds entries that share bytes ({echo(entry.filename)} and the next), "
                        "as no ZIP program writes them. Pack the file again."
                    )
                    raise Problem("overlapping_entries", message, param="file")
                self.starts[entry.header_offset] = start

    def _corrupt(self) -> Problem:
        return corrupt(self.filename, "a ZIP archive")


def corrupt(filename: str, kind: str) -> Problem:
    message = f"{echo(filename)} begins as {kind} but is damaged or cut off. Upload it again, or export it anew."
    return Problem("corrupt_file", message, param="file")


def encrypted(filename: str) -> Problem:
    message = f"{echo(filename)} is protected by a password. Send it without one."
    return Problem("encrypted_archive", message, param="file")
