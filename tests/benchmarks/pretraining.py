"""What a base learns from a public set's texts without their labels, and what a fine-tune gains that starts from it.

`python -m tests.benchmarks.pretraining --data DIR [--set banking77] [--rows N] [--judged N] [--epochs N]
[--tokenizer extend] [--labelled N] [--seed N]`

`DIR` as in `tests.benchmarks.sets`. The base learns from the texts of training and validation rows alone. Both
fine-tunes, from the embedded MiniLM as it came and from what it became, see the same few labels and the same test rows.
No test: it asserts nothing.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import polars as pl

from contracts.child import Done, ProblemMessage
from contracts.fine_tune import BaseModel, FineTuneSpec, Hyperparameters
from contracts.pretraining import OPTION, TOKENIZERS
from contracts.task import MASKED_LANGUAGE, TaskSpec
from tests.benchmarks import sets
from tests.benchmarks.serving import minilm

MOST = dict.fromkeys(("train", "validation", "test"), 1_000_000)


def learnt(place: Path, spec: FineTuneSpec) -> dict[str, Any]:
    """metrics.json, with the minutes it took."""
    began = time.monotonic()
    last = sets.run(spec, place)
    if isinstance(last, ProblemMessage):
        raise SystemExit(last.message)
    assert isinstance(last, Done)
    found: dict[str, Any] = json.loads((place / "output" / "metrics.json").read_bytes())
    return {**found, "minutes": (time.monotonic() - began) / 60}


def pretrained(place: Path, rows: pl.DataFrame, asked: argparse.Namespace) -> dict[str, Any]:
    place.mkdir()
    rows.select("row", "text", "split").write_parquet(place / "data.parquet")
    task = TaskSpec(kind=MASKED_LANGUAGE, metric="perplexity", options={OPTION: asked.tokenizer})
    return learnt(place, _spec(task, BaseModel(name="minilm-l6", location=str(minilm())), asked, asked.epochs))


def fine_tuned(place: Path, rows: pl.DataFrame, one: sets.Set, base: BaseModel, asked: Any) -> dict[str, Any]:
    place.mkdir()
    rows.write_parquet(place / "data.parquet")
    labels = tuple(sorted(rows["label"].unique()))
    return learnt(place, _spec(TaskSpec(kind=one.kind, labels=labels, metric=one.metric), base, asked, None))


def _spec(task: TaskSpec, base: BaseModel, asked: argparse.Namespace, epochs: int | None) -> FineTuneSpec:
    numbers = Hyperparameters(n_epochs=epochs)
    return FineTuneSpec(
        job="bench", task=task, base=base, hyperparameters=numbers, seed=asked.seed, checkpoint_every_s=1e9
    )


def few(rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """At most so many training rows, the classes in turn."""
    place = pl.int_range(pl.len()).over("split", "label")
    train = rows.filter(pl.col("split") == "train").with_columns(place.alias("place")).sort("place", "row").head(most)
    return pl.concat([train.drop("place"), rows.filter(pl.col("split") != "train")]).sort("row")


def drawn(rows: pl.DataFrame, most: dict[str, int]) -> pl.DataFrame:
    """At most so many rows of each split, at random, and the same each time."""
    mixed = rows.sample(fraction=1.0, shuffle=True, seed=0)
    return pl.concat([mixed.filter(pl.col("split") == split).head(count) for split, count in most.items()]).sort("row")


def told(what: str, found: dict[str, Any], metric: str) -> str:
    figure = found["compared"] if metric == found["task"]["metric"] else found["figures"][metric]
    low, high = figure["intervals"][0]
    return f"{what:34} {metric:10} {figure['model']:8.3f} ({low:.3f} - {high:.3f})   {found['minutes']:5.1f} min"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--set", default="banking77")
    parser.add_argument("--rows", type=int, default=100_000, help="texts to learn from at most")
    parser.add_argument("--judged", type=int, default=100_000, help="validation and test rows at most, each")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--tokenizer", choices=TOKENIZERS, default=TOKENIZERS[0])
    parser.add_argument("--labelled", type=int, default=400, help="rows that the fine-tunes see")
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    if asked.data is None:
        print("pretraining: no --data folder of public data sets was named; nothing to train.")
        return
    one = next(one for one in sets.SETS if one.name == asked.set)
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        sets.version(one.place(asked.data), one, place, most=None)
        rows = pl.read_parquet(place / "data.parquet")
        rows = drawn(rows, {**MOST, "validation": asked.judged, "test": asked.judged})
        found = pretrained(place / "base", drawn(rows, {**MOST, "train": asked.rows}), asked)
        for metric in ("perplexity", "accuracy"):
            before = found["figures"][metric]
            print(told(f"pre-trained on {found['rows']['train']:,} texts", found, metric), flush=True)
            others = {before["name"]: before["baseline"]}
            others |= {name: one[metric] for name, one in found["weaker_baselines"].items()}
            for name, value in others.items():
                print(f"{'  before, ' + name:34} {metric:10} {value:8.3f}", flush=True)
        bases = {"as it came": str(minilm()), "pre-trained": str(place / "base" / "output")}
        for name, location in bases.items():
            base = BaseModel(name="minilm-l6", location=location)
            fine = fine_tuned(place / name.replace(" ", "-"), few(rows, asked.labelled), one, base, asked)
            print(told(f"fine-tuned from MiniLM {name}", fine, one.metric), flush=True)


if __name__ == "__main__":
    main()
