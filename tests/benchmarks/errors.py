"""Finding wrong cells in a dirty table whose clean copy is known: precision, recall and F1 by cell.

`python -m tests.benchmarks.errors` where the public data sets are at hand (LANDFALL_DATA, or shared/data beside the
checkout). The clean table is only compared with, never looked at by a detector. Raha (Mahdavi and others 2019) learns
from 20 labelled rows; its published F1 on several such tables is 0.85 in the mean. What is here asks nobody anything.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import polars as pl

from training.ingest.tables import cells

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("LANDFALL_DATA", ROOT.parent / "shared" / "data"))

Cells = set[tuple[str, int]]


def tables() -> tuple[pl.DataFrame, pl.DataFrame]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(DATA / "unpack.py"), folder, "raha_hospital"]
        subprocess.run(command, check=True, capture_output=True)
        found = [
            pl.read_csv(path, infer_schema=False)
            for name in ("dirty", "clean")
            for path in Path(folder).rglob(f"{name}.csv")
        ]
    return found[0], found[1]


def rare_values(frame: pl.DataFrame) -> cells.Suspicious:
    """What a user would try first: values that occur once in a column of few values."""
    found = {}
    for name in frame.columns:
        if frame[name].n_unique() <= frame.height / 2:
            once = frame[name].value_counts().filter(pl.col("count") == 1)[name]
            found[name] = frame[name].is_in(once.implode())
    return found


def marked(*found: cells.Suspicious) -> Cells:
    return {(name, at) for each in found for name, rows in each.items() for at in rows.arg_true()}


def scores(found: Cells, true: Cells) -> str:
    hits = len(found & true)
    precision, recall = hits / max(1, len(found)), hits / max(1, len(true))
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return f"{len(found):>6} cells  precision {precision:.3f}  recall {recall:.3f}  F1 {f1:.3f}"


def main() -> None:
    dirty, clean = tables()
    true = {
        (name, at)
        for name, other in zip(dirty.columns, clean.columns, strict=True)
        for at in (dirty[name] != clean[other]).fill_null(value=False).arg_true()
    }
    body = dirty.drop(dirty.columns[0])  # the row's number
    each = (cells.slips(body), cells.odd_shapes(body), cells.broken_dependencies(body))
    print(f"raha_hospital: {dirty.height:,} rows, {len(true)} wrong cells of {dirty.height * dirty.width:,}")
    print("peer: values that occur once    ", scores(marked(rare_values(body)), true))
    for name, one in zip(("slips", "odd shapes", "dependencies"), each, strict=True):
        print(f"ours: {name + ' alone':26}", scores(marked(one), true))
    print("ours: as the doctor joins them  ", scores(marked(*cells.suspicious(body).values()), true))


if __name__ == "__main__":
    main()
