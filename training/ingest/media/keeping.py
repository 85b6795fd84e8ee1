"""A version's media beside its rows in data.parquet, streamed: memory holds one slice of the files, never all.

The column of a media role is a struct: path (the customer's name), sha256, what was measured, and bytes, as they came.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

SLICE = 256  # rows whose files are in memory at a time: 16 GB at the very most a file, 50 MB as files usually are
BYTES = "bytes"


def write(frame: pl.DataFrame, roles: Sequence[str], files: Mapping[str, Path], target: Path) -> None:
    """`frame` as Parquet, the bytes of `files` (by SHA-256) put into each of the roles."""
    with TemporaryDirectory(dir=target.parent, prefix=".media-") as folder:
        parts = []
        for at, rows in enumerate(frame.iter_slices(SLICE)):
            filled = rows.with_columns(_with_bytes(rows[role], files) for role in roles)
            parts.append(Path(folder, f"{at:06}.parquet"))
            filled.write_parquet(parts[-1], compression="uncompressed")  # media are compressed already
        scans = [pl.scan_parquet(part, glob=False) for part in parts]
        pl.concat(scans).sink_parquet(target, compression="lz4", row_group_size=SLICE)


def _with_bytes(media: pl.Series, files: Mapping[str, Path]) -> pl.Series:
    fields = media.struct.unnest()
    content = pl.Series(BYTES, [files[digest].read_bytes() for digest in fields["sha256"]], dtype=pl.Binary)
    return fields.with_columns(content).to_struct(media.name)


def read(source: Path, roles: Sequence[str], folder: Path) -> tuple[pl.DataFrame, dict[str, Path]]:
    """The rows without bytes, and the bytes as files in `folder` by their SHA-256."""
    scanned = pl.scan_parquet(source, glob=False)
    rows = scanned.select(pl.len()).collect().item()
    files, slices = dict[str, Path](), []
    for start in range(0, rows, SLICE):
        part = scanned.slice(start, SLICE).collect()
        bare = []
        for role in roles:
            fields = part[role].struct.unnest()
            for digest, content in zip(fields["sha256"], fields[BYTES], strict=True):
                if digest not in files:
                    files[digest] = folder / f"file{len(files)}"
                    files[digest].write_bytes(content)
            bare.append(fields.drop(BYTES).to_struct(role))
        slices.append(part.with_columns(bare))
    return pl.concat(slices), files
