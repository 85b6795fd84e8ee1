"""Labels made wrong, and how many of them the doctor doubts: precision and recall beside guessing.

`python -m tests.benchmarks.doubt` where the public data sets are at hand (LANDFALL_DATA, or shared/data beside the
checkout). Of each set 5 in 100 labels are replaced by another at a fixed seed; what was wrong in it before counts as
right, so that the figures are too low rather than too high. Guessing doubts as many rows, any rows.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks.errors import DATA
from training.ingest.doctor import SEARCHED
from training.ingest.doubt import doubted

SETS = ("banking77", "snips", "sst2", "fpb")
WRONG = 0.05


def rows(folder: Path) -> list[tuple[str, str]]:
    path = next(folder / name for name in ("train.jsonl", "all.jsonl") if (folder / name).exists())
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [(row["text"], str(row["label"])) for row in found][:SEARCHED]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        subprocess.run([sys.executable, str(DATA / "unpack.py"), name, *SETS], check=True, capture_output=True)
        for each in SETS:
            texts, labels = zip(*rows(Path(name, each)), strict=True)
            chance = np.random.default_rng(0)
            classes = sorted(set(labels))
            wrong = chance.random(len(labels)) < WRONG
            shift = chance.integers(1, len(classes), len(labels))
            given = [
                classes[(classes.index(label) + int(by)) % len(classes)] if bad else label
                for label, by, bad in zip(labels, shift, wrong, strict=True)
            ]
            frame = pl.DataFrame({"row": range(len(texts)), "text": texts, "label": given})
            began = time.perf_counter()
            doubts = doubted(frame)
            seconds = time.perf_counter() - began
            hits = int(wrong[doubts.found["row"].to_numpy()].sum())
            print(f"{each:10} {len(texts):>6,} rows {len(classes):>3} classes  model right {doubts.accuracy:.1%}  "
                  f"doubted {doubts.found.height:>5,}  precision {hits / max(1, doubts.found.height):.2f} "
                  f"(guessing {wrong.mean():.2f})  recall {hits / wrong.sum():.2f}  {seconds:.1f} s")  # fmt: skip


if __name__ == "__main__":
    main()
