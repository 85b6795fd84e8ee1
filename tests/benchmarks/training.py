"""Training speed of the engine beside what a user would pick instead: sequences a second and peak memory, one run.

`python -m tests.benchmarks.training [--data DIR] [--rows N] [--repeat N] [--to-the-end [--epochs N]]`

The same MiniLM and the same rows for each, everyone's own defaults otherwise, each in a process of its own, one after
another, on all cores. Measured is a bounded number of steps after a few to warm up; `ready` is what lies before the
first step (imports, tokenising; for the engine also its baseline and, for upper_layers, the states it keeps).
Sequences per CPU second hardly move with what else the machine does. `DIR` holds train.jsonl and test.jsonl with text
and label, banking77 for instance; without it the project's own sample messages serve.
`--to-the-end` trains whole jobs instead: seconds and accuracy on the test split, beside TF-IDF with a linear SVM.
No test: it asserts nothing about time.

torch and the engine are imported where they are used, so that nobody's memory holds what another one needs.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from contracts.child import Done, Progress, parse
from contracts.fine_tune import BaseModel
from tests.benchmarks.serving import minilm

SAMPLE = Path(__file__).parents[2] / "platform/embedded/demo/sample_messages.csv"
METHODS = ("full", "upper_layers", "lora")
PEERS = ("article", "trainer", "trainer-tuned")
CONTESTANTS = (*PEERS, *METHODS)
WARMUP = 3  # steps
SEQUENCES = {"article": 160, "trainer": 320}  # measured of the slow ones
OTHERS = 1_600  # of the rest, or an epoch: the tuned Trainer sorts pools of so many by length, all of one counts

Row = tuple[str, str, str]  # text, label, split


@dataclass(frozen=True)
class Result:
    per_s: float
    per_cpu_s: float
    peak_mib: float
    ready_s: float


class Meter:
    """Called after every step; says whether it has seen enough. Starts to count after the warm-up."""

    def __init__(self, steps: int, batch_size: int) -> None:
        self.steps, self.batch_size, self.seen = steps, batch_size, 0
        self.ready_s = self.began = self.cpu_began = 0.0
        self.result: Result | None = None

    def __call__(self) -> bool:
        self.seen += 1
        if self.seen == 1:
            self.ready_s = time.time() - float(os.environ["STARTED"])
        if self.seen == WARMUP:
            self.began, self.cpu_began = time.perf_counter(), time.process_time()
        if self.seen < WARMUP + self.steps:
            return False
        wall, cpu = time.perf_counter() - self.began, time.process_time() - self.cpu_began
        sequences, peak = self.steps * self.batch_size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.result = self.result or Result(sequences / wall, sequences / cpu, peak, self.ready_s)
        return True


def article(meter: Meter, texts: list[str], labels: list[int]) -> None:
    """The hand-written loop most articles show: padding to 128 tokens, Adam, float32."""
    import torch
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(minilm())
    fixed: dict[str, Any] = {"padding": "max_length", "truncation": True, "max_length": 128, "return_tensors": "pt"}
    encoded, truth = tokenizer(texts, **fixed), torch.tensor(labels)
    model = AutoModelForSequenceClassification.from_pretrained(minilm(), num_labels=max(labels) + 1).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-5)
    while True:
        order = torch.randperm(len(texts))
        for start in range(0, len(texts) - meter.batch_size + 1, meter.batch_size):
            rows = order[start : start + meter.batch_size]
            batch = {name: encoded[name][rows] for name in ("input_ids", "attention_mask")}
            optimizer.zero_grad()
            model(**batch, labels=truth[rows]).loss.backward()
            optimizer.step()
            if meter():
                return


def trainer(meter: Meter, texts: list[str], labels: list[int], **more: Any) -> None:
    """Hugging Face's Trainer, padding each batch to its longest text."""
    from transformers import (
        AutoModelForSequenceClassification,
        AutoTokenizer,
        DataCollatorWithPadding,
        Trainer,
        TrainerCallback,
        TrainingArguments,
    )

    class Watched(TrainerCallback):
        def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            control.should_training_stop = meter()

    tokenizer = AutoTokenizer.from_pretrained(minilm())
    ids = tokenizer(texts, truncation=True)["input_ids"]
    rows: Any = [{"input_ids": one, "labels": label} for one, label in zip(ids, labels, strict=True)]
    quiet: dict[str, Any] = {"report_to": [], "disable_tqdm": True, "save_strategy": "no", "logging_strategy": "no"}
    with tempfile.TemporaryDirectory() as folder:
        Trainer(
            model=AutoModelForSequenceClassification.from_pretrained(minilm(), num_labels=max(labels) + 1),
            args=TrainingArguments(
                folder,
                per_device_train_batch_size=meter.batch_size,
                num_train_epochs=99,
                dataloader_drop_last=True,  # else a short last batch would be counted as a whole one
                use_cpu=True,
                **quiet,
                **more,
            ),
            train_dataset=rows,
            data_collator=DataCollatorWithPadding(tokenizer),
            callbacks=[Watched()],
        ).train()


def trainer_tuned(meter: Meter, texts: list[str], labels: list[int]) -> None:
    trainer(meter, texts, labels, train_sampling_strategy="group_by_length", learning_rate=5e-4)


RUNS: dict[str, tuple[int, Callable[[Meter, list[str], list[int]], None]]] = {
    "article": (16, article),
    "trainer": (8, trainer),
    "trainer-tuned": (32, trainer_tuned),
}


def measure_peer(name: str, rows: list[Row]) -> Result:
    batch_size, run = RUNS[name]
    names = labels_of(rows)
    train = [(text, names.index(label)) for text, label, split in rows if split == "train"]
    meter = Meter(min(SEQUENCES.get(name, OTHERS), len(train)) // batch_size, batch_size)
    run(meter, [text for text, _ in train], [label for _, label in train])
    assert meter.result is not None
    return meter.result


def measure_ours(method: str, rows: list[Row]) -> Result:
    """The job as a worker would run it, interrupted where enough was seen."""
    import torch

    from tests.engine import tiny
    from tests.engine.engine import folders
    from training.engine.loop import Interrupted
    from training.engine.model.base import inspect
    from training.engine.model.precision import native_bfloat16
    from training.engine.run import fine_tune
    from training.engine.settings import choose
    from training.engine.voice import Voice

    spec, train_rows = spec_of(rows, method), sum(split == "train" for _, _, split in rows)
    threads = torch.get_num_threads()
    chosen = choose(spec, inspect(spec.base), train_rows=train_rows, bfloat16=native_bfloat16(), threads=threads)
    # within the first epoch: no validation falls into what is measured
    steps = max(1, min(OTHERS // chosen.batch_size, train_rows // chosen.batch_size - WARMUP - 1))
    meter = Meter(steps, chosen.batch_size)
    with tempfile.TemporaryDirectory() as folder, Path(os.devnull).open("wb") as nobody:
        place = Path(folder)
        with suppress(Interrupted):
            fine_tune(spec, folders(place, tiny.version(place / "data", rows)), Voice(nobody), meter)
    assert meter.result is not None
    return meter.result


def spec_of(rows: list[Row], method: str, epochs: int | None = None) -> Any:
    from tests.engine import tiny

    spec = tiny.spec(minilm(), method=method, labels=labels_of(rows), n_epochs=epochs, threads=None)
    return replace(spec, base=BaseModel(name="minilm-l6", location=str(minilm())), checkpoint_every_s=1e9)


def labels_of(rows: list[Row]) -> tuple[str, ...]:
    return tuple(sorted({label for _, label, _ in rows}))


def rows_of(folder: Path | None, limit: int | None) -> list[Row]:
    """Every tenth training row validates; without a test split of its own, every fifth of the others tests."""
    if folder is None:
        with SAMPLE.open(newline="", encoding="utf-8") as stream:
            known = sorted(((one["text"], one["label"]) for one in csv.DictReader(stream)), key=lambda one: one[1])
        train, test = [one for place, one in enumerate(known) if place % 5], known[::5]
    else:
        train, test = (
            [(one["text"], one["label"]) for one in map(json.loads, (folder / f"{split}.jsonl").open(encoding="utf-8"))]
            for split in ("train", "test")
        )
    if limit is not None:
        train = [train[place * len(train) // limit] for place in range(min(limit, len(train)))]
    parts = [(*one, "train" if place % 10 else "validation") for place, one in enumerate(train)]
    return parts + [(*one, "test") for one in test]


def compare(options: argparse.Namespace, rows: list[Row]) -> None:
    print(f"{sum(split == 'train' for _, _, split in rows):,} training rows, {len(labels_of(rows))} labels")
    print(f"{'':14} sequences/s  per CPU s  peak MiB  ready s")
    results: dict[str, list[Result]] = defaultdict(list)
    for _ in range(options.repeat):
        for name in CONTESTANTS:
            one = measured_apart(name, options)
            results[name].append(one)
            line = f"{name:14} {one.per_s:11.1f} {one.per_cpu_s:10.1f} {one.peak_mib:9.0f} {one.ready_s:8.1f}"
            print(line, flush=True)
    figures = {name: median(found) for name, found in results.items()}
    for peer in PEERS:
        for ours in METHODS:
            mine, theirs = figures[ours], figures[peer]
            print(
                f"{ours:12} / {peer:13}: {mine.per_s / theirs.per_s:5.2f} x sequences/s, "
                f"{mine.per_cpu_s / theirs.per_cpu_s:5.2f} x per CPU second, "
                f"{mine.peak_mib / theirs.peak_mib:4.2f} x memory"
            )


def measured_apart(name: str, options: argparse.Namespace) -> Result:
    """In a process of its own, so that its peak of memory is its own."""
    command = [sys.executable, "-m", "tests.benchmarks.training", "--measure", name]
    command += ["--data", str(options.data)] if options.data else []
    command += ["--rows", str(options.rows)] if options.rows else []
    quiet = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error", "TOKENIZERS_PARALLELISM": "true"}
    environment = {**os.environ, **quiet, "STARTED": str(time.time())}
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return Result(**json.loads(done.stdout.splitlines()[-1]))


def median(results: list[Result]) -> Result:
    return Result(
        *(statistics.median(column) for column in zip(*(asdict(one).values() for one in results), strict=True))
    )


def to_the_end(options: argparse.Namespace, rows: list[Row]) -> None:
    from tests.engine import tiny
    from tests.engine.engine import child

    for method in METHODS:
        with tempfile.TemporaryDirectory() as folder:
            place, began, phases = Path(folder), time.monotonic(), dict[str, list[float]]()
            data = tiny.version(place / "data", rows)
            process = child(spec_of(rows, method, options.epochs), data, place)
            assert process.stdout is not None
            for message in map(parse, process.stdout):
                if isinstance(message, Progress):
                    phases.setdefault(message.phase, []).append(time.monotonic() - began)
                elif isinstance(message, Done):
                    summary: dict[str, Any] = message.summary
            assert process.wait() == 0
        if method == METHODS[0]:
            plain = phases["baseline"][-1] - phases["baseline"][0]
            print(f"{'TF-IDF + SVM':14} {summary['baseline_accuracy']:.4f} accuracy, {plain:6.1f} s")
        print(
            f"{method:14} {summary['accuracy']:.4f} accuracy, {summary['train_seconds']:6.1f} s of steps, "
            f"{phases['training'][-1] - phases['loading'][0]:6.1f} s from loading to the last step, "
            f"{summary['epochs']} epochs"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of train.jsonl and test.jsonl")
    parser.add_argument("--rows", type=int, help="training rows taken (all)")
    parser.add_argument("--repeat", type=int, default=1, help="rounds; medians are printed")
    parser.add_argument("--to-the-end", action="store_true", help="whole jobs: seconds and accuracy")
    parser.add_argument("--epochs", type=int, help="of --to-the-end (the engine's choice)")
    parser.add_argument("--measure", choices=CONTESTANTS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    rows = rows_of(options.data, options.rows)
    if options.measure in PEERS:
        print(json.dumps(asdict(measure_peer(options.measure, rows))))
    elif options.measure:
        print(json.dumps(asdict(measure_ours(options.measure, rows))))
    elif options.to_the_end:
        to_the_end(options, rows)
    else:
        compare(options, rows)


if __name__ == "__main__":
    main()
