"""The ingestion child beside bare polars: the same CSV read, the same rows written as Parquet.

`python -m tests.benchmarks.ingestion [--rows 10000 100000] [--characters 1000] [--damaged] [--stages] [--plot F.svg]`

Both are processes of their own and take turns, so that start, imports and what else the machine does fall on both;
of three runs the quickest counts. What the child does beyond polars: strict parsing, checks, the doctor, the split, the
hash. `--damaged` puts one harmless irregularity into every thousandth row, so that the strict parser has work;
`--stages` tells where the child's time goes. No test: it asserts nothing about time.
"""

import argparse
import cProfile
import os
import pstats
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from contracts.codec import to_json
from contracts.ingestion import IngestionSpec, Limits
from contracts.task import KINDS
from training.ingest import encoding, store, version
from training.ingest.readers import TEXT_READERS
from training.ingest.readers.table import Asked, Spool
from training.ingest.version import Origin
from training.ingest.voice import Voice

ROOT = Path(__file__).parents[2]
POLARS = "import sys, polars; polars.read_csv(sys.argv[1], infer_schema=False).write_parquet(sys.argv[2])"
RUNS = 3
CHECKS = (  # functions of `training.ingest`, as a version is made
    *("with_keys", "groups", "_duplicates", "_conflicts", "_rare_labels", "_imbalance", "_long_texts", "_damage"),
    *(
        "mojibake",
        "marked_up",
        "unnormalised",
        "telling",
        "languages",
        "doubted",
        "cut",
        "logical_sha256",
        "histograms",
    ),
)
TEXT = "my card was declined abroad and the transfer is pending since Monday, can you help me please"


@dataclass(frozen=True)
class Result:
    seconds: float
    peak_mib: float


def make_csv(path: Path, rows: int, *, characters: int, damaged: bool) -> None:
    """Texts of about so many characters, some quoted, a tenth beyond ASCII, all different, under 77 labels."""
    words = TEXT.split() * max(1, characters // len(TEXT))
    with path.open("w", encoding="utf-8", newline="") as stream:
        stream.write("text,label\n")
        for at in range(rows):
            text = f"{at} {' '.join(words[at % 5 : len(words) - at % 7])} {'size' if at % 10 else 'größe'}"
            if "," in text:
                text = f'"{text} ""{at % 9}"""'
            elif damaged and at % 1_000 == 0:
                text = f'"{text}"'  # quoted without need: no canonical writer does
            stream.write(f"{text},label_{at * 7 % 77}\n")


def run(command: Sequence[str]) -> Result:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
    began = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as child:
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, command
    return Result(time.perf_counter() - began, usage.ru_maxrss / 1024)


def quickest(command: Callable[[Path], Sequence[str]], folder: Path) -> Result:
    found = []
    for _ in range(RUNS):
        with tempfile.TemporaryDirectory(dir=folder) as output:
            found.append(run(command(Path(output))))
    return min(found, key=lambda result: result.seconds)


def prepare(folder: Path, rows: int, *, characters: int, damaged: bool) -> Path:
    (folder / "input").mkdir()
    (folder / "work").mkdir()
    make_csv(folder / "input" / "upload", rows, characters=characters, damaged=damaged)
    spec = IngestionSpec(
        source="upload", filename="data.csv", task_kind="text-classification", limits=Limits(rows=10_000_000)
    )
    (folder / "spec.json").write_bytes(to_json(spec))
    return folder / "input" / "upload"


def compare(rows: int, *, characters: int, damaged: bool, told: bool) -> tuple[Result, Result]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source = prepare(folder, rows, characters=characters, damaged=damaged)
        arguments = ["--spec", folder / "spec.json", "--input", folder / "input", "--work", folder / "work"]
        ours = quickest(
            lambda output: [*map(str, [sys.executable, "-m", "training.ingest", *arguments, "--output", output])],
            folder,
        )
        bare = quickest(
            lambda output: [sys.executable, "-c", POLARS, str(source), str(output / "data.parquet")], folder
        )
        size = source.stat().st_size / 1e6
        for who, result in (("landfall", ours), ("polars", bare)):
            speed = size / result.seconds
            print(f"{rows:>9,} rows {size:6.1f} MB  {who:8} {result.seconds:6.2f} s {speed:7.1f} MB/s "
                  f"{result.peak_mib:6.0f} MiB peak")  # fmt: skip
        print(f"{rows:>9,} rows            ratio    {ours.seconds / bare.seconds:6.2f}")
        if told:
            stages(folder, source)
        return ours, bare


def stages(folder: Path, source: Path) -> None:
    """The child's stages in this process, one after the other."""
    output = folder / "stages"
    output.mkdir()
    spec = IngestionSpec(source="upload", filename="data.csv", task_kind="text-classification")
    with Path(os.devnull).open("wb") as nowhere:
        voice = Voice(nowhere, source.stat().st_size)
        file = timed("decode", lambda: encoding.decode(source, None, "data.csv"))
        spool = Spool(folder / "work", Limits(rows=10_000_000), voice.bytes_read)
        table = timed("read", lambda: TEXT_READERS["csv"](file, spool, Asked()))
        frame = timed("collect", lambda: table.frame.collect()).rename({"0": "text", "1": "label"})
        frame = frame.with_row_index("row", offset=1).cast({"row": int})
        origin = Origin(form=KINDS["text-classification"][0], columns={}, encoding="utf-8", format="csv")
        with cProfile.Profile() as profile:
            made = timed("make", lambda: version.make(frame, spec, origin, voice))
        timed("write", lambda: store.write(made, spec, output))
    checks(profile)


def checks(profile: cProfile.Profile) -> None:
    """What each check and each part of the doctor costs: whole seconds of the functions that do it."""
    found = pstats.Stats(profile).get_stats_profile().func_profiles
    for name in CHECKS:
        if name in found:
            print(f"{'':>9}             {name:18} {found[name].cumtime:6.2f} s")


def timed(name: str, step: Callable[[], Any]) -> Any:
    began = time.perf_counter()
    found = step()
    print(f"{'':>9}           {name:8} {time.perf_counter() - began:6.2f} s")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--characters", type=int, default=len(TEXT), help="of a text, about")
    parser.add_argument("--damaged", action="store_true")
    parser.add_argument("--stages", action="store_true")
    parser.add_argument("--plot", type=Path, help="where a drawing of cost by rows goes")
    asked = parser.parse_args()
    points = [
        (rows, *compare(rows, characters=asked.characters, damaged=asked.damaged, told=asked.stages))
        for rows in asked.rows
    ]
    if asked.plot:
        draw(points, asked.plot)


def draw(points: list[tuple[int, Result, Result]], target: Path) -> None:
    """Seconds by rows, both axes logarithmic: a slope of one is linear cost."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.subplots()
    rows = [point[0] for point in points]
    axes.loglog(rows, [ours.seconds for _, ours, _ in points], marker="o", label="landfall")
    axes.loglog(rows, [bare.seconds for _, _, bare in points], marker="o", label="polars alone")
    first, ours, _ = points[0]
    axes.loglog(rows, [ours.seconds * count / first for count in rows], linestyle=":", label="linear")
    axes.set(xlabel="rows", ylabel="seconds", title="A CSV becomes a version")
    axes.legend(frameon=False)
    figure.savefig(target)


if __name__ == "__main__":
    main()
