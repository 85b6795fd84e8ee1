"""Every public set enters twice: by its raw files, packed as a customer would pack them, and by its normalised copy."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from contracts.child import DONE
from contracts.ingestion import SplitSpec
from tests.training.ingest.child import Outcome, ingest
from tests.training.ingest.test_shared_data import DATA, pytestmark

__all__ = ["pytestmark"]


@dataclass(frozen=True, kw_only=True)
class Set:
    """`raw` and `copy`: the files below the set's folder; several are packed into a ZIP. `rows`: of raw and copy."""

    kind: str
    raw: Sequence[str]
    copy: Sequence[str]
    rows: tuple[int, int]
    raw_said: dict[str, Any] = field(default_factory=dict)
    copy_said: dict[str, Any] = field(default_factory=dict)


SPLITS = ("train", "valid", "test")
CONLL, WEIBO, SNIPS = "raw/corpus/CoNLL-2003/eng", "raw/data/weiboNER_2nd_conll", "raw/data/snips"
STS, MULTI30K = "raw/data/stsbenchmark/sts", "raw/data/task1/raw"
FLICKR = ("train", "val", "test_2016_flickr")
HOSPITAL = "raw/datasets/hospital"
KT = "raw/data/assist2009_updated/assist2009_updated"
PAIR = {"header": False, "columns": {"text_a": "column_1", "text_b": "column_2", "label": "column_3"}}
TWO = {"header": False, "columns": {"text": "column_1", "label": "column_2"}}
COPIES = ("train.jsonl", "validation.jsonl", "test.jsonl")
QUESTION = {"columns": {"text": "Question", "label": "Class"}}
LOWER = {"columns": {"text": "question", "label": "label"}}
GRADE, MINUTES = {"columns": {"target": "G3"}}, {"columns": {"target": "Time_taken(min)"}}

SETS = {
    "assist2009": Set(
        kind="sequence-prediction", raw=(f"{KT}_train.csv", f"{KT}_test.csv"), copy=("train.jsonl", "test.jsonl"),
        rows=(4_151, 4_151),
    ),
    "bankfaqs": Set(
        kind="text-classification", raw=("raw/BankFAQs.csv",), copy=("all.jsonl",), rows=(1_764, 1_764),
        raw_said=QUESTION, copy_said=LOWER,
    ),
    "banking77": Set(
        kind="text-classification", raw=("raw/banking_data/train.csv", "raw/banking_data/test.csv"),
        copy=("train.jsonl", "test.jsonl"), rows=(13_083, 13_083),
    ),
    "bdci_car": Set(
        kind="text-classification", raw=("raw/Classification/BDCI_Car_2018/train_2.csv",), copy=("all.jsonl",),
        rows=(12_572, 12_572), raw_said={"columns": {"text": "content", "label": "subject"}},
        copy_said={"columns": {"text": "text", "label": "topic"}},
    ),
    "conll2003": Set(
        kind="token-classification", raw=tuple(f"{CONLL}.{part}" for part in ("train", "testa", "testb")), copy=COPIES,
        rows=(20_744, 20_744),
    ),
    "food_delivery": Set(
        kind="tabular-regression", raw=("raw/deliverytime.txt",), copy=("all.jsonl",), rows=(45_593, 45_593),
        raw_said=MINUTES, copy_said=MINUTES,
    ),
    "fpb": Set(
        kind="text-classification", raw=("raw/FinancialPhraseBank/Sentences_50Agree.txt",), copy=("all.jsonl",),
        rows=(4_846, 4_846), raw_said={**TWO, "delimiter": "@", "encoding": "iso-8859-1"},
    ),
    "gold_news": Set(
        kind="text-classification", raw=("raw/gold-dataset-sinha-khandait.csv",), copy=("all.jsonl",),
        rows=(10_570, 10_570), raw_said={"columns": {"text": "News", "label": "Price Sentiment"}},
    ),
    "lcqmc": Set(
        kind="text-matching", raw=("raw/LCQMC/dev.txt", "raw/LCQMC/test.txt"), copy=("dev.jsonl", "test.jsonl"),
        rows=(21_302, 21_302), raw_said=PAIR,
    ),
    "multi30k_en_de": Set(
        kind="translation", copy=("train.jsonl", "validation.jsonl", "test_2016_flickr.jsonl"), rows=(31_014, 31_014),
        raw=tuple(f"{MULTI30K}/{part}.{code}.gz" for part in FLICKR for code in ("en", "de")),
        raw_said={"columns": {"source": "en", "target": "de"}},
    ),
    "raha_hospital": Set(
        kind="tabular-classification", raw=(f"{HOSPITAL}/dirty.csv",), copy=(f"{HOSPITAL}/clean.csv",),
        rows=(1_000, 1_000), raw_said={"columns": {"label": "condition"}},
        copy_said={"columns": {"label": "Condition"}},
    ),
    "snips": Set(
        kind="token-classification", copy=COPIES, rows=(14_484, 14_484),
        raw=tuple(f"{SNIPS}/{part}/{name}" for part in SPLITS for name in ("seq.in", "seq.out", "label")),
        raw_said={"columns": {"tokens": "seq.in", "tags": "seq.out"}},
    ),
    "sst2": Set(
        kind="text-classification", copy=COPIES,
        raw=tuple(f"raw/data/SST2/{part}.tsv" for part in ("train", "dev", "test")),
        rows=(9_613, 9_613), raw_said=TWO,
    ),
    "stsb": Set(
        kind="text-matching", raw=tuple(f"{STS}-{part}.csv" for part in ("train", "dev", "test")), copy=COPIES,
        rows=(8_628, 8_628),
        raw_said={
            "header": False, "delimiter": "\t", "quotes": False, "fit": True,
            "columns": {"text_a": "column_6", "text_b": "column_7", "score": "column_5"},
        },
    ),
    "student": Set(
        kind="tabular-regression", raw=("raw/student/student-mat.csv",), copy=("mat.jsonl",), rows=(395, 395),
        raw_said=GRADE, copy_said=GRADE,
    ),
    "weibo_ner": Set(
        kind="token-classification", raw=tuple(f"{WEIBO}.{part}" for part in ("train", "dev", "test")), copy=COPIES,
        rows=(1_890, 1_890),
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    command = [
        sys.executable,
        str(DATA / "unpack.py"),
        str(folder),
        *SETS,
        "bccd",
        "cifar10_jpg",
        "fsdd",
        "xray_fullsize",
    ]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder


def packed(folder: Path, names: Sequence[str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(str(Path(name).relative_to(_shared(names))), (folder / name).read_bytes())
    return stream.getvalue()


def _shared(names: Sequence[str]) -> Path:
    """The folder that all lie in."""
    parents = [Path(name).parents for name in names]
    return next(parent for parent in parents[0] if all(parent in others for others in parents))


def entered(folder: Path, names: Sequence[str], kind: str, said: dict[str, Any]) -> Outcome:
    if len(names) == 1:
        return ingest((folder / names[0]).read_bytes(), Path(names[0]).name, task_kind=kind, **said)
    return ingest(packed(folder, names), "set.zip", task_kind=kind, **said)


@pytest.mark.parametrize("name", SETS)
def test_a_set_enters_by_its_raw_files_and_by_its_normalised_copy(unpacked: Path, name: str) -> None:
    each, folder = SETS[name], unpacked / name
    raw = entered(folder, each.raw, each.kind, each.raw_said)
    assert raw.code == DONE, raw.messages[-1]
    copy = entered(folder, each.copy, each.kind, each.copy_said)
    assert copy.code == DONE, copy.messages[-1]
    assert (raw.told.rows["total"], copy.told.rows["total"]) == each.rows
    assert raw.told.form == copy.told.form


SAME = ("conll2003", "weibo_ner", "snips", "assist2009", "multi30k_en_de", "sst2", "lcqmc")


@pytest.mark.parametrize("name", SAME)
def test_raw_files_say_the_same_as_the_copy(unpacked: Path, name: str) -> None:
    each, folder = SETS[name], unpacked / name
    raw = entered(folder, each.raw, each.kind, each.raw_said).frame
    copy = entered(folder, each.copy, each.kind, each.copy_said).frame
    roles = pl.exclude("row", "split", "by")
    trimmed = pl.col(pl.String).str.strip_chars()  # which whoever made the copies did
    assert raw.select(roles).with_columns(trimmed).equals(copy.select(roles).with_columns(trimmed))


@pytest.mark.parametrize(
    ("name", "kind", "rows"),
    [
        ("bccd", "object-detection", 364),
        ("cifar10_jpg", "image-classification", 1_300),
        ("fsdd", "audio-classification", 600),
    ],
)
def test_pictures_and_sounds_enter_in_an_archive_with_their_list(
    unpacked: Path, name: str, kind: str, rows: int
) -> None:
    media = unpacked / name / "media"
    names = [str(path.relative_to(media)) for path in media.rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for each in names:
            archive.writestr(each, (media / each).read_bytes())
        archive.writestr("manifest.jsonl", (unpacked / name / "manifest.jsonl").read_bytes())
    outcome = ingest(stream.getvalue(), "set.zip", task_kind=kind)
    assert outcome.code == DONE, outcome.messages[-1]
    assert outcome.told.rows["total"] == rows
    assert outcome.told.split["method"] == "column"


def test_nine_x_rays_are_too_few_to_measure_with_and_enough_to_look_at(unpacked: Path) -> None:
    media = unpacked / "xray_fullsize" / "media"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for path in media.rglob("*.*g"):
            archive.writestr(str(path.relative_to(media)), path.read_bytes())
    fault = ingest(stream.getvalue(), "x.zip", task_kind="image-classification").faults["too_few_rows"]
    assert fault.message.startswith("9 usable rows")
    everything = SplitSpec(train=1.0, validation=0.0, test=0.0)
    outcome = ingest(stream.getvalue(), "x.zip", task_kind="image-classification", split=everything)
    assert outcome.told.rows["train"] == 9
    assert set(outcome.told.labels) == {"Covid-19", "No_findings", "Pneumonia"}
    assert outcome.findings["image_modes"].count == sum(row["mode"] != "RGB" for row in outcome.frame["image"])
