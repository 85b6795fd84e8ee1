"""Public data sets, each trained by its kind: metric with interval, the baseline's, what is known of others, minutes.

`python -m tests.benchmarks.sets --data DIR [--sets stsb conll2003 ...] [--method auto] [--epochs N] [--rows N]`

`DIR/<set>/` holds train.jsonl, test.jsonl and perhaps validation.jsonl, or one file with a field `split`. What is
missing is cut from the rest: every tenth training row validates, every fifth of a set without any split tests. Each
runs the engine as a worker would, all its numbers left to it, from the embedded MiniLM, or at random where a kind has
no pre-trained base. Pictures and sounds lie in `media/`, listed in manifest.jsonl. No test: it asserts nothing.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from contracts.child import Done, Message, ProblemMessage, parse
from contracts.codec import to_json
from contracts.compression import Compression
from contracts.fine_tune import FROM_SCRATCH, BaseModel, FineTuneSpec, Hyperparameters
from contracts.ingestion import Limits
from contracts.task import (
    AUDIO_CLASSIFICATION,
    CLASSES,
    IMAGE_CLASSIFICATION,
    IMAGE_SEGMENTATION,
    LOWER_IS_BETTER,
    MEDIA,
    OBJECT_DETECTION,
    QUESTION_ANSWERING,
    SEQUENCE_PREDICTION,
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TOKEN_CLASSIFICATION,
    TRANSLATION,
    Role,
    TaskSpec,
    form_of,
)
from tests.benchmarks.serving import minilm
from training.engine.judging.entities import spans
from training.ingest.contents import CONTENTS
from training.ingest.contents.boxes import CORNERS
from training.ingest.contents.features import NOTHING
from training.ingest.contents.media import LOOK

Row = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Set:
    """`shape`: rows of the file to rows of the form. `folder`: where that is not the name; `file`: of a set without
    splits, the one that holds its rows; `test`: of several test files the one."""

    name: str
    kind: str
    form: str
    metric: str
    known: str
    shape: Callable[[list[Row]], list[Row]] = lambda rows: rows
    folder: str | None = None
    file: str = "all"
    test: str = "test"

    def place(self, data: Path) -> Path:
        return data / (self.folder or self.name)


def several_topics(rows: list[Row]) -> list[Row]:
    """An opinion stands there once a topic."""
    found: dict[str, Row] = {}
    for row in rows:
        found.setdefault(row["id"], {**row, "labels": set()})["labels"].add(row["topic"])
    return [{**row, "labels": sorted(row["labels"])} for row in found.values()]


def named(rows: list[Row]) -> list[Row]:
    return [{**row, "label": str(row["label"])} for row in rows]


def to_english(rows: list[Row]) -> list[Row]:
    return [{"source": row["target"], "target": row["source"]} for row in rows]


def answers(rows: list[Row]) -> list[Row]:
    return [{"prompt": row["question"], "completion": row["answer"]} for row in rows]


def boxed(rows: list[Row]) -> list[Row]:
    return [
        {
            **row,
            "boxes": [
                {"label": box[0], **dict(zip(CORNERS, map(float, box[1:]), strict=True))} for box in row["boxes"]
            ],
        }
        for row in rows
    ]


def slots_asked_for(rows: list[Row]) -> list[Row]:
    """Each slot of an utterance by its name; and, of those that its intent knows, one that is not filled."""
    known = dict[str, set[str]]()
    for row in rows:
        known.setdefault(row["label"], set()).update(kind for kind, _, _ in spans(row["tags"]))
    found = list[Row]()
    for number, row in enumerate(rows):
        filled = [(kind, " ".join(row["tokens"][first:last])) for kind, first, last in spans(row["tags"])]
        lacking = sorted(known[row["label"]] - {kind for kind, _ in filled})
        asked = [*filled, *((kind, "") for kind in lacking[number % len(lacking) :][:1])] if lacking else filled
        context = " ".join(row["tokens"])
        found += [
            {"question": f"Which {kind.replace('_', ' ')}?", "context": context, "answer": words}
            for kind, words in asked
        ]
    return found


def learners(rows: list[Row]) -> list[Row]:
    return [{"items": [str(one) for one in row["skills"]], "outcomes": row["correct"]} for row in rows]


def columns(target: str, *, without: tuple[str, ...] = (), role: str = "target") -> Callable[[list[Row]], list[Row]]:
    """A column is learnt from all others but those `without`; of grades in 0..20 a label says whether 10 is reached."""

    def shape(rows: list[Row]) -> list[Row]:
        names = [name for name in rows[0] if name not in (target, *without, "split")]
        grade = ("fail", "pass")
        return [
            {
                "features": {name: _told(row[name]) for name in names},
                role: float(row[target]) if role == "target" else grade[float(row[target]) >= 10],
                "split": row.get("split"),
            }
            for row in rows
        ]

    return shape


def _told(cell: Any) -> str | float | None:
    if isinstance(cell, str):
        return None if cell.strip().lower() in NOTHING else cell.strip()
    return None if cell is None else float(cell)


SETS = (
    Set(name="banking77", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="papers ~94"),
    Set(name="snips", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="97.0-99.0"),
    Set(name="fpb", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="FinBERT 84-86"),
    Set(
        name="sst2", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="bi-LSTM 90.7",
        shape=named,
    ),
    Set(name="bankfaqs", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="-"),
    Set(name="gold_news", kind=TEXT_CLASSIFICATION, form="single-label", metric="accuracy", known="-"),
    Set(
        name="bdci_car", kind=TEXT_CLASSIFICATION, form="multi-label", metric="micro_f1", known="-",
        shape=several_topics,
    ),
    Set(name="conll2003", kind=TOKEN_CLASSIFICATION, form="tagged", metric="entity_f1", known="BERT-base 92.4"),
    Set(
        name="snips-slots", kind=TOKEN_CLASSIFICATION, form="tagged", metric="entity_f1", known="88.8-97.0",
        folder="snips",
    ),
    Set(name="weibo_ner", kind=TOKEN_CLASSIFICATION, form="tagged", metric="entity_f1", known="56-59"),
    Set(name="stsb", kind=TEXT_MATCHING, form="scored-pairs", metric="spearman", known="MiniLM untrained 82.0"),
    Set(
        name="lcqmc", kind=TEXT_MATCHING, form="labelled-pairs", metric="accuracy", known="BERT, 238k rows 86.9",
        shape=named,
    ),
    Set(
        name="multi30k_en_de", kind=TRANSLATION, form="sentences", metric="bleu", known="Transformer 36.5",
        shape=to_english, test="test_2016_flickr",
    ),
    Set(
        name="snips-questions", kind=QUESTION_ANSWERING, form="extractive", metric="f1", known="-",
        shape=slots_asked_for, folder="snips",
    ),
    Set(
        name="bankfaqs-answers", kind=TEXT_GENERATION, form="instructed", metric="perplexity", known="-",
        shape=answers, folder="bankfaqs",
    ),
    Set(
        name="student-grade", kind=TABULAR_REGRESSION, form="rows", metric="rmse", known="-", folder="student",
        file="por", shape=columns("G3"),
    ),
    Set(
        name="student-pass", kind=TABULAR_CLASSIFICATION, form="rows", metric="roc_auc", known="-", folder="student",
        file="por", shape=columns("G3", without=("G1", "G2"), role="label"),
    ),
    Set(
        name="food_delivery", kind=TABULAR_REGRESSION, form="rows", metric="rmse", known="-",
        shape=columns("Time_taken(min)", without=("ID",)),
    ),
    Set(
        name="cifar10_jpg", kind=IMAGE_CLASSIFICATION, form="single-label", metric="accuracy", known="-",
    ),
    Set(name="bccd", kind=OBJECT_DETECTION, form="boxed", metric="map", known="-", shape=boxed),
    Set(name="shapes", kind=OBJECT_DETECTION, form="boxed", metric="map", known="made", shape=boxed),
    Set(
        name="shapes-masks", kind=IMAGE_SEGMENTATION, form="masked", metric="mean_iou", known="made", folder="shapes",
    ),
    Set(
        name="assist2009", kind=SEQUENCE_PREDICTION, form="answered", metric="roc_auc", known="DKT 75-82",
        shape=learners,
    ),
    Set(
        name="assist2009-next", kind=SEQUENCE_PREDICTION, form="next-item", metric="mrr", known="-",
        shape=learners, folder="assist2009",
    ),
    Set(
        name="fsdd", kind=AUDIO_CLASSIFICATION, form="single-label", metric="accuracy", known="-",
    ),
)  # fmt: skip
KNOWN = ("train", "dev", "validation", "test")
IN_THEIR_UNIT = ("bleu", "chrf", "perplexity")


def rows_of(folder: Path, one: Set) -> Iterator[tuple[str, Row]]:
    """Split and row."""
    found = {path.stem: [json.loads(line) for line in path.open(encoding="utf-8")] for path in folder.glob("*.jsonl")}
    if one.file in found:
        given = one.shape(found[one.file])
        random.Random(0).shuffle(given)
        for number, row in enumerate(given):
            yield (
                row.get("split") or ("test" if number % 5 == 0 else "validation" if number % 10 == 1 else "train"),
                row,
            )
        return
    if "manifest" in found:
        found = {
            split: [row for row in found["manifest"] if row["split"] == split]
            for split in {row["split"] for row in found["manifest"]}
        }
    found = {"test" if name == one.test else name: rows for name, rows in found.items() if name in (*KNOWN, one.test)}
    train = "train" if "train" in found else "dev"
    for split, rows in found.items():
        for number, row in enumerate(one.shape(rows)):
            validates = split == train and "validation" not in found and number % 10 == 9
            yield "validation" if validates else "train" if split == train else split, row


def cell(folder: Path, row: Row, role: Role) -> Any:
    """Of media what ingestion keeps: what was measured, and the bytes."""
    if role.content not in MEDIA:
        return row[role.name]
    name, (facts, _) = row.get(role.name) or row["file"], LOOK[role.content]
    path = folder / "media" / name
    return {"path": name, **facts(path, Limits()), "bytes": path.read_bytes()}


def version(folder: Path, one: Set, place: Path, *, most: int | None) -> tuple[str, ...]:
    """Writes data.parquet; returns the task's labels. `most`: training rows."""
    form = form_of(one.kind, one.form)
    frame = pl.DataFrame(
        [
            {
                "row": number,
                **{role.name: cell(folder, row, role) for role in form.roles},
                "split": split,
            }
            for number, (split, row) in enumerate(rows_of(folder, one), start=1)
        ],
        infer_schema_length=None,
    )
    if most is not None:
        trains = pl.col("split") == "train"
        frame = frame.filter(~trains | (trains.cum_sum() <= most))
    frame.write_parquet(place / "data.parquet")
    target = form.target
    if target is None or target.content not in CLASSES:
        return ()
    classes = CONTENTS[target.content].classes
    assert classes is not None
    return tuple(sorted(frame.select(classes(pl.col(target.name)).explode()).to_series().drop_nulls().unique()))


def run(spec: FineTuneSpec, place: Path) -> Message:
    """The last word of the engine, as a child; input, output and all else lie in `place`."""
    (place / "spec.json").write_bytes(to_json(spec))
    folders = [f"--{name}={place / name}" for name in ("work", "output")]
    command = [sys.executable, "-m", "training.engine", f"--spec={place / 'spec.json'}", f"--input={place}"]
    child = subprocess.run([*command, *folders, "--events=1"], stdout=subprocess.PIPE, check=False)
    return parse(child.stdout.splitlines()[-1])


def trained(one: Set, asked: argparse.Namespace) -> str:
    """A line of the table, and one more where a compression was asked for."""
    with tempfile.TemporaryDirectory() as scratch:
        place = asked.keep / one.name if asked.keep else Path(scratch)
        place.mkdir(parents=True, exist_ok=True)
        labels = version(one.place(asked.data), one, place, most=asked.rows)
        started = next((base for base in FROM_SCRATCH if base.fits(one.kind)), None)
        spec = FineTuneSpec(
            job=one.name,
            task=TaskSpec(kind=one.kind, form=one.form, labels=labels, metric=one.metric),
            base=started or BaseModel(name="minilm-l6", location=str(minilm())),
            method=asked.method,
            hyperparameters=Hyperparameters(n_epochs=asked.epochs, learning_rate=asked.rate),
            compression=Compression(max_loss=asked.max_loss, min_speedup=asked.min_speedup) if asked.compress else None,
            seed=asked.seed,
            checkpoint_every_s=1e9,
        )
        began = time.monotonic()
        last = run(spec, place)
        minutes = (time.monotonic() - began) / 60
        if isinstance(last, ProblemMessage):
            return f"{one.name:12} {last.faults[0].message}"
        assert isinstance(last, Done)
        metrics = json.loads((place / "output" / "metrics.json").read_bytes())
    found, compressed = metrics["compared"], metrics["compression"]
    times, digits = (1, 3) if one.metric in LOWER_IS_BETTER else (1 if one.metric in IN_THEIR_UNIT else 100, 1)
    told = (found["model"], *found["intervals"][0], found["baseline"])
    model, low, high, theirs = (f"{times * figure:.{digits}f}" for figure in told)
    about = last.summary
    line = (
        f"{one.name:12} {one.form:15} {one.metric:10} {model:>6} ({low} - {high})  {theirs:>6}  "
        f"{found['chance']:7.3f}  {one.known:22} {about['train_rows']:>7} {about['method']:12} {about['epochs']:>3} "
        f"{minutes:6.1f}"
    )
    if compressed is None:
        return line
    sides = (compressed["before"]["cost"], compressed["after"]["cost"])
    costs = ", ".join(f"{side['p50_ms']:.1f} ms alone, {side['per_s']:,.0f} texts/s" for side in sides)
    return f"{line}\n{'':12} {compressed['sentence']} ({costs})"


HEADS = (
    "set          form            metric       ours (95 %)          baseline   chance  known                     rows "
    "method       epochs minutes"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--sets", nargs="*", default=[one.name for one in SETS])
    parser.add_argument("--method", default="auto")
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--rate", type=float, help="peak learning rate")
    parser.add_argument("--compress", action="store_true", help="to int8, with the contract of the next two")
    parser.add_argument("--max-loss", type=float, default=0.5)
    parser.add_argument("--min-speedup", type=float, default=1.5)
    parser.add_argument("--rows", type=int, help="training rows at most")
    parser.add_argument("--keep", type=Path, help="where models and reports stay, to be looked at")
    asked = parser.parse_args()
    if asked.data is None:
        print("sets: no --data folder of public data sets was named; nothing to train.")
        return
    print(HEADS)
    for one in SETS:
        if one.name in asked.sets and one.place(asked.data).is_dir():
            print(trained(one, asked), flush=True)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"percent where a share; peak memory of the largest child {peak:,.0f} MiB")


if __name__ == "__main__":
    main()
