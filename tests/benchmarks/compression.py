"""Every method of compression on one fine-tuned model: what is lost, bytes, milliseconds, texts a second, kept or not.

`python -m tests.benchmarks.compression --data DIR [--classes N] [--epochs N] [--methods int8 layer_drop ...]`

`DIR/banking77/` holds train.jsonl and test.jsonl. MiniLM is fine-tuned once, all numbers left to the engine unless
given; then a compression job runs for each method, as a worker would run it, under the contract of `--max-loss` points
and `--min-speedup`, and a last one under a contract that nothing holds. `--classes`: so many of the 77, for a machine
that is busy. Times are of this processor alone: without VNNI or AMX, 8-bit products gain little. No test: it asserts
nothing.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from contracts.child import Done, ProblemMessage, parse
from contracts.codec import to_json
from contracts.compression import Compression
from contracts.fine_tune import BaseModel, FineTuneSpec, Hyperparameters
from contracts.task import TaskSpec
from tests.benchmarks.serving import minilm
from tests.benchmarks.sets import SETS, Row, Set, version

BANKING = next(one for one in SETS if one.name == "banking77")
IMPOSSIBLE = 1_000.0  # times the texts a second
ASKED: dict[str, dict[str, Any]] = {
    "onnx": {},
    "int8": {},
    "static_int8": {},
    "layer_drop": {"layers": 3},
    "distillation": {"layers": 3},
    "structured_pruning": {"share": 0.5},
    "pruning": {"share": 0.3},
    "layer_drop, int8": {"layers": 3, "then": "int8"},
}
HEADS = f"{'asked for':20} kept  {'metric (95 %)':30} {'MB':14} {'p50 ms':14} {'texts/s':16} times  minutes"


def of_labels(rows: list[Row], *, labels: set[str]) -> list[Row]:
    return [row for row in rows if row["label"] in labels]


def chosen(folder: Path, classes: int) -> Set:
    """The set with some of its classes only, spread over the alphabet."""
    with tempfile.TemporaryDirectory() as scratch:
        labels = version(folder, BANKING, Path(scratch), most=None)
    kept = set(labels[:: max(1, len(labels) // classes)][:classes])
    return replace(BANKING, shape=partial(of_labels, labels=kept))


def child(program: str, spec: FineTuneSpec, place: Path, input_folder: Path) -> tuple[Done | ProblemMessage, float]:
    """What it ends with, and minutes."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "spec.json").write_bytes(to_json(spec))
    folders = [f"--spec={place / 'spec.json'}", f"--input={input_folder}"]
    folders += [f"--{name}={place / name}" for name in ("work", "output")]
    began = time.monotonic()
    told = subprocess.run([sys.executable, "-m", program, *folders, "--events=1"], stdout=subprocess.PIPE, check=False)
    last = parse(told.stdout.splitlines()[-1])
    assert isinstance(last, Done | ProblemMessage)
    return last, (time.monotonic() - began) / 60


def line(name: str, done: Done | ProblemMessage, minutes: float) -> str:
    if isinstance(done, ProblemMessage):
        return f"{name:28} {done.message}"
    told = {key: float(value) for key, value in done.summary.items() if isinstance(value, int | float)}

    def both(figure: str, times: float = 1.0, digits: int = 1) -> str:
        before, after = (times * told[f"{side}_{figure}"] for side in ("original", "compressed"))
        return f"{before:,.{digits}f} -> {after:,.{digits}f}"

    metric = f"{both('metric', 100)} ({100 * told['compressed_low']:.1f} - {100 * told['compressed_high']:.1f})"
    return (
        f"{name:20} {'yes' if told['compression_kept'] else 'no':4}  {metric:30} {both('bytes', 1e-6):14} "
        f"{both('p50_ms'):14} {both('per_s', digits=0):16} {told['compression_speedup']:5.2f} {minutes:8.1f}"
    )


def run(asked: argparse.Namespace, place: Path) -> None:
    one = chosen(asked.data / BANKING.name, asked.classes)
    task = TaskSpec(
        kind=one.kind, form=one.form, labels=version(asked.data / one.name, one, place, most=None), metric=one.metric
    )
    spec = FineTuneSpec(
        job="benchmark", task=task, base=BaseModel(name="minilm-l6", location=str(minilm())),
        hyperparameters=Hyperparameters(n_epochs=asked.epochs), checkpoint_every_s=1e9,
    )  # fmt: skip
    done, minutes = child("training.engine", spec, place / "trained", place)
    assert isinstance(done, Done)
    model = BaseModel(name="trained", location=str(place / "trained" / "output"))
    print(f"{len(task.labels)} classes; {done.summary['sentence']} ({minutes:.1f} minutes)\n{HEADS}")
    compress = partial(compressed, replace(spec, base=model, method="full", hyperparameters=Hyperparameters()), place)
    contract = {"max_loss": asked.max_loss, "min_speedup": asked.min_speedup}
    for name in asked.methods:
        wish = Compression(method=name.split(",")[0], **contract, **ASKED[name])
        print(line(name, *compress(name, wish)), flush=True)
    done, minutes = compress("impossible", Compression(method="int8", **{**contract, "min_speedup": IMPOSSIBLE}))
    print(line("impossible", done, minutes))
    assert isinstance(done, Done)
    print(done.summary["compression_sentence"])


def compressed(spec: FineTuneSpec, place: Path, name: str, wish: Compression) -> tuple[Done | ProblemMessage, float]:
    return child("training.engine.compress", replace(spec, compression=wish), place / name, place)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--classes", type=int, default=77)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--methods", nargs="*", default=list(ASKED), choices=list(ASKED))
    parser.add_argument("--max-loss", type=float, default=1.0)
    parser.add_argument("--min-speedup", type=float, default=1.0)
    parser.add_argument("--keep", type=Path, help="where models and reports stay, to be looked at")
    asked = parser.parse_args()
    if asked.data is None:
        print("compression: no --data folder of public data sets was named; nothing to compress.")
        return
    with tempfile.TemporaryDirectory() as scratch:
        place = asked.keep or Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        run(asked, place)


if __name__ == "__main__":
    main()
