"""What the exporting child is asked: write one version in a format that other programs open."""

from dataclasses import dataclass

FORMATS = ("csv", "jsonl")


@dataclass(frozen=True, kw_only=True)
class ExportSpec:
    """`source` is the version's Parquet file in the input folder; the output folder receives `data.<format>`."""

    source: str
    format: str
