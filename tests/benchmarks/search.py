"""Whether a search pays: the default settings beside those that ten trainings find, on a public set.

`python -m tests.benchmarks.search --data DIR [--set fpb] [--rows N] [--trials 10] [--strategy tpe] [--pruning median]`

The engine runs as a worker would run it, one trial after the other, all on the same rows; `--rows` takes the first
training rows only, so that it is done sooner (a smaller set says less, and gains more). The first trial has the default
settings, so that validation alone never says that a search was worse; what counts is the test split, which only the
two trainings in the table's last lines see. No test: it asserts nothing.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from contracts.child import Message, parse
from contracts.codec import to_json
from contracts.fine_tune import FROM_SCRATCH, BaseModel, FineTuneSpec, Hyperparameters
from contracts.search import Search, Searched
from contracts.search_checks import completed
from contracts.task import TaskSpec, form_of
from tests.benchmarks.serving import minilm
from tests.benchmarks.sets import SETS, Set, version
from tests.engine.searching import searched, settled


def child(spec: FineTuneSpec, place: Path, output: Path) -> Sequence[Message]:
    """What the engine says about a training."""
    with tempfile.TemporaryDirectory() as work:
        (place / "spec.json").write_bytes(to_json(spec))
        command = [sys.executable, "-m", "training.engine", f"--spec={place / 'spec.json'}", f"--input={place}"]
        folders = [f"--work={work}", f"--output={output}", "--events=1"]
        said = subprocess.run([*command, *folders], stdout=subprocess.PIPE, check=True)
    return [parse(line) for line in said.stdout.splitlines()]


def spec_of(one: Set, place: Path, asked: argparse.Namespace) -> FineTuneSpec:
    labels = version(one.place(asked.data), one, place, most=asked.rows)
    started = next((base for base in FROM_SCRATCH if base.fits(one.kind)), None)
    return FineTuneSpec(
        job=one.name,
        task=TaskSpec(kind=one.kind, form=one.form, labels=labels, metric=one.metric),
        base=started or BaseModel(name="minilm-l6", location=str(minilm())),
        hyperparameters=Hyperparameters(n_epochs=asked.epochs),
        seed=asked.seed,
        checkpoint_every_s=1e9,
    )


def told(name: str, metrics: Path, minutes: float, *, metric: str) -> str:
    found = json.loads(metrics.read_bytes())
    compared, best = found["compared"], max(found["history"], key=lambda one: one[f"valid_{metric}"])
    low, high = compared["intervals"][0]
    return (
        f"{name:18} validation {best[f'valid_{metric}']:.4f}  test {compared['model']:.4f} ({low:.4f} - {high:.4f})  "
        f"{minutes:.1f} min"
    )


def trials(found: Searched) -> str:
    lines = []
    for one in found.trials:
        values = ", ".join(
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}"
            for name, value in one.parameters.items()
        )
        mark = " <- chosen" if one.number == found.chosen else ""
        lines.append(f"{one.number:3} {one.state:10} {one.value or 0:.4f} after {len(one.values)}: {values}{mark}")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--set", default="fpb", choices=[one.name for one in SETS])
    parser.add_argument("--rows", type=int, help="training rows at most")
    parser.add_argument("--epochs", type=int, help="of every trial; else the engine's own number")
    parser.add_argument("--trials", type=int, default=10)
    parser.add_argument("--strategy", default="tpe")
    parser.add_argument("--pruning", default="median")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.data is None:
        print("search: no --data folder of public data sets was named; nothing to search.")
        return
    one = next(one for one in SETS if one.name == asked.set)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        spec = spec_of(one, place, asked)
        search = Search(strategy=asked.strategy, trials=asked.trials, pruning=asked.pruning)
        form = form_of(one.kind, one.form)
        search = completed(search, method=spec.method, given=spec.hyperparameters, form=form)
        began = time.monotonic()
        child(spec, place, place / "default")
        usual = time.monotonic() - began
        began = time.monotonic()
        found = searched(spec, search, lambda trial: child(trial, place, place / "none"))
        child(replace(settled(spec, found), trial=None), place, place / "best")
        whole = time.monotonic() - began
        print(trials(found))
        print(told("default settings", place / "default/metrics.json", usual / 60, metric=one.metric))
        print(told("after the search", place / "best/metrics.json", whole / 60, metric=one.metric))
        print(f"{asked.set}: the search with its last training took {whole / usual:.1f} default trainings")


if __name__ == "__main__":
    main()
