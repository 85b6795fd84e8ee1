"""`python -I probe.py FILE MOST_ROWS`: reads a Parquet file and keeps nothing of it, in a process of its own.

Of some damage (a length that became four billion) polars' reader does not complain: the allocation fails and takes
the process along. Here that costs nothing but this process.
"""

import sys
from pathlib import Path

import polars as pl

ROWS = 50_000  # decoded at a time


def main(path: Path, most: int) -> None:
    scanned = pl.scan_parquet(path, glob=False, hive_partitioning=False)
    rows = scanned.select(pl.len()).collect().item()
    for start in range(0, min(rows, most), ROWS):
        scanned.slice(start, ROWS).collect()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
