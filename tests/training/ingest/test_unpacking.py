"""Compressed files: what was packed comes back equal; bombs, traps and damage are refused by code and sentence."""

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.child import DONE, Progress
from contracts.ingestion import Limits
from tests.training.ingest.child import csv_of, good_rows, ingest
from tests.training.ingest.test_parquet import GOOD as FRAME
from tests.training.ingest.test_parquet import parquet
from tests.training.ingest.workbook import workbook

GOOD = csv_of(good_rows()).encode()
BOOK = workbook({"Sheet1": [("text", "label"), *good_rows()]})


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "zst": zstd.compress,
    "zip": lambda content: zipped({"data.csv": content}),
}


@pytest.mark.parametrize("suffix", PACKERS)
@given(texts=st.lists(st.text("aä,\"'\n ", min_size=1, max_size=9), min_size=20, max_size=30))
@settings(deadline=None, max_examples=10)
def test_what_is_packed_comes_back_equal(suffix: str, texts: list[str]) -> None:
    rows = [(f"{at} {text}.", "ab"[at % 2]) for at, text in enumerate(texts)]
    outcome = ingest(PACKERS[suffix](csv_of(rows).encode()), f"data.csv.{suffix}")
    assert outcome.frame.select("text", "label").rows() == rows


@pytest.mark.parametrize("suffix", PACKERS)
def test_packing_is_told_and_progress_counts_the_unpacked_bytes(suffix: str) -> None:
    outcome = ingest(PACKERS[suffix](GOOD), "data")
    assert outcome.events[0].data["container"] == {"gz": "gzip", "zst": "zstd", "zip": "zip"}[suffix]
    assert [m for m in outcome.messages if isinstance(m, Progress)][-1].step == len(GOOD)
    assert outcome.files[0] == "data.parquet"


@pytest.mark.parametrize(("content", "form"), [(parquet(FRAME), "parquet"), (BOOK, "xlsx"), (GOOD, "csv")])
@pytest.mark.parametrize("suffix", PACKERS)
def test_any_format_may_be_packed(content: bytes, form: str, suffix: str) -> None:
    packed = zipped({f"a/data.{form}": content}) if suffix == "zip" else PACKERS[suffix](content)
    outcome = ingest(packed, f"data.{form}.{suffix}")
    assert (outcome.code, outcome.told.format) == (DONE, form)


def test_several_members_of_gzip_and_frames_of_zstandard_are_one_file() -> None:
    half = len(GOOD) // 2
    for pack in (gzip.compress, zstd.compress):
        assert ingest(pack(GOOD[:half]) + pack(GOOD[half:]), "data").told.rows["total"] == 20


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_packed_file_called_csv_is_refused(suffix: str) -> None:
    assert "'data.csv' is named" in ingest(PACKERS[suffix](GOOD), "data.csv").faults["type_mismatch"].message


@pytest.mark.parametrize("suffix", PACKERS)
@pytest.mark.parametrize("kept", [30, -1, -10])
def test_a_packed_file_cut_off_is_refused(suffix: str, kept: int) -> None:
    outcome = ingest(PACKERS[suffix](GOOD)[:kept], f"data.csv.{suffix}")
    assert "damaged or cut off" in outcome.faults["corrupt_file"].message
    assert outcome.files == ()


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_damaged_byte_is_refused(suffix: str) -> None:
    content = bytearray(PACKERS[suffix](GOOD))
    content[100] ^= 0xFF
    if suffix == "zst":  # has no checksum unless asked for
        content[4:12] = b"\xff" * 8
    assert set(ingest(bytes(content), "data").faults) == {"corrupt_file"}


@pytest.mark.parametrize("suffix", PACKERS)
def test_an_empty_file_inside_is_an_empty_dataset(suffix: str) -> None:
    assert set(ingest(PACKERS[suffix](b""), f"data.csv.{suffix}").faults) == {"empty_dataset"}


@pytest.mark.parametrize("suffix", PACKERS)
def test_a_bomb_is_refused_by_its_ratio(suffix: str) -> None:
    outcome = ingest(PACKERS[suffix](bytes(40 << 20)), f"data.csv.{suffix}")
    assert "200 times" in outcome.faults["compression_ratio"].message
    assert outcome.files == ()


@pytest.mark.parametrize("suffix", PACKERS)
def test_the_cap_on_unpacked_bytes_holds(suffix: str) -> None:
    faults = ingest(PACKERS[suffix](GOOD), f"data.csv.{suffix}", limits=Limits(unpacked_bytes=100)).faults
    assert "100 bytes" in faults["unpacked_too_large"].message


@pytest.mark.parametrize("inner", [*(pack(GOOD) for pack in PACKERS.values())])
@pytest.mark.parametrize("suffix", PACKERS)
def test_an_archive_in_an_archive_is_refused(inner: bytes, suffix: str) -> None:
    packed = zipped({"inner": inner}) if suffix == "zip" else PACKERS[suffix](inner)
    assert set(ingest(packed, f"data.{suffix}").faults) == {"nested_archive"}


def test_a_tar_inside_is_refused() -> None:
    tar = b"name\x00".ljust(257, b"\x00") + b"ustar\x0000" + bytes(1_000)
    assert "tar" in ingest(gzip.compress(tar), "data.tar.gz").faults["type_mismatch"].message


def test_an_archive_of_several_data_files_names_them() -> None:
    message = ingest(zipped({"north.csv": GOOD, "south.csv": GOOD}), "data.zip").faults["several_files"].message
    assert "2 files: 'north.csv', 'south.csv'" in message


def test_what_is_no_data_beside_the_one_data_file_is_told() -> None:
    clutter = {"__MACOSX/._data.csv": b"x", ".DS_Store": b"x", "README.md": b"x", "folder/": b""}
    outcome = ingest(zipped({**clutter, "folder/data.csv": GOOD}), "data.zip")
    assert outcome.told.rows["total"] == 20
    assert any(event.message.endswith("left out: 'README.md'.") for event in outcome.events)


@pytest.mark.parametrize("files", [{}, {"folder/": b""}, {".DS_Store": b"x"}])
def test_an_archive_without_a_file_is_an_empty_dataset(files: dict[str, bytes]) -> None:
    assert "holds no file" in ingest(zipped(files), "data.zip").faults["empty_dataset"].message


@pytest.mark.parametrize(
    "name", ["../data.csv", "a/../../data.csv", "/etc/data.csv", "C:/data.csv", "c:data.csv", "a\\data.csv"]
)
def test_a_name_that_leads_out_is_refused(name: str) -> None:
    assert set(ingest(zipped({name: GOOD}), "data.zip").faults) == {"unsafe_path"}


def test_a_name_with_nul_is_refused() -> None:
    packed = zipped({"data.csvX": GOOD}).replace(b"data.csvX", b"data.csv\0")
    assert set(ingest(packed, "data.zip").faults) == {"unsafe_path"}


def test_a_link_is_refused() -> None:
    link = zipfile.ZipInfo("data.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "link" in ingest(stream.getvalue(), "data.zip").faults["unsafe_path"].message


def test_an_encrypted_entry_is_refused() -> None:
    packed = bytearray(zipped({"data.csv": GOOD}))
    for magic, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        packed[packed.index(magic) + at] |= 1
    assert "password" in ingest(bytes(packed), "data.zip").faults["encrypted_archive"].message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_another_method_than_deflate_is_refused(method: int) -> None:
    assert set(ingest(zipped({"data.csv": GOOD}, method), "data.zip").faults) == {"unsupported_compression"}


def test_a_stored_entry_is_read() -> None:
    assert ingest(zipped({"data.csv": GOOD}, zipfile.ZIP_STORED), "data.zip").code == DONE


def test_entries_that_share_bytes_are_refused() -> None:
    """The directory lists one entry's bytes many times over: kilobytes that unpack to gigabytes."""
    packed = zipped({"data.csv": bytes(10 << 20)})
    directory = packed.index(b"PK\x01\x02")
    end = packed.rindex(b"PK\x05\x06")
    entry = packed[directory:end]
    many = b"".join(entry.replace(b"data.csv", f"d{number:03}.csv".encode()) for number in range(500))
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 500, 500, len(many), directory, 0)
    assert set(ingest(packed[:directory] + many + tail, "data.zip").faults) == {"overlapping_entries"}


def zip64(packed: bytes, entries: int = 1) -> bytes:
    """With the longer end record, as Apache POI writes it into every large workbook."""
    end = packed.rindex(b"PK\x05\x06")
    *_, length, offset, _ = struct.unpack_from("<4s4H2LH", packed, end)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, length, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    short = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return packed[:end] + record + locator + short


def test_zip64_is_read() -> None:
    assert ingest(zip64(zipped({"data.csv": GOOD})), "data.zip").told.rows["total"] == 20
    with zipfile.ZipFile(io.BytesIO(BOOK)) as archive:
        entries = len(archive.infolist())
    assert ingest(zip64(BOOK, entries), "data.xlsx").told.rows["total"] == 20


def test_zip64_is_held_to_the_same_limits() -> None:
    assert set(ingest(zip64(zipped({"data.csv": GOOD}), 1 << 40), "data.zip").faults) == {"too_many_entries"}
    cut = zip64(zipped({"data.csv": GOOD})).replace(b"PK\x06\x06", b"PK\x06\x05")
    assert set(ingest(cut, "data.zip").faults) == {"corrupt_file"}


def test_a_hundred_thousand_entries_are_refused_unread() -> None:
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, 0, 0, 0)
    assert set(ingest(zipped({"data.csv": GOOD})[:-22] + tail, "data.zip").faults) == {"too_many_entries"}


def test_a_size_that_lies_is_found_out() -> None:
    packed = bytearray(zipped({"data.csv": GOOD}))
    short = GOOD[:100]
    at = packed.index(b"PK\x01\x02")
    struct.pack_into("<L", packed, at + 16, zlib.crc32(short))
    struct.pack_into("<L", packed, at + 24, len(short))
    assert set(ingest(bytes(packed), "data.zip").faults) == {"corrupt_file"}


@pytest.mark.parametrize("change", [lambda packed: b"PK\x03\x04\x00" + packed, lambda packed: packed + b"trailing"])
def test_an_archive_within_other_bytes_is_refused(change: Callable[[bytes], bytes]) -> None:
    assert set(ingest(change(zipped({"data.csv": GOOD})), "data.zip").faults) == {"corrupt_file"}


@given(at=st.integers(0, 1_000), value=st.integers(0, 255), suffix=st.sampled_from(sorted(PACKERS)))
@settings(deadline=None, max_examples=100)
def test_a_changed_byte_never_is_a_crash(at: int, value: int, suffix: str) -> None:
    content = bytearray(PACKERS[suffix](GOOD))
    content[at % len(content)] = value
    assert ingest(bytes(content), f"data.{suffix}").code in (0, 65)
