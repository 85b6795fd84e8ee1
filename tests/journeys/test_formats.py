"""Every format and kind of data, as a customer sends it over HTTP: a file, a data set, its page, a task."""

import gzip
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from PIL import Image

from tests.journeys.stack import Stack, together, until
from tests.training.ingest.media.test_media import coco, picture, sound
from tests.training.ingest.workbook import workbook

pytestmark = together

TEXTS = [(f"where is my parcel number {n}", ("delivery", "refund")[n % 2]) for n in range(40)]
TABLE = "text,label\n" + "".join(f"{text},{label}\n" for text, label in TEXTS)
LINES = "".join(f"{text}\n" for text, _ in TEXTS)
LABELS = "".join(f"{label}\n" for _, label in TEXTS)
OBJECTS = [{"text": text, "label": label} for text, label in TEXTS]
CHATS = [
    {"messages": [{"role": "user", "content": text}, {"role": "assistant", "content": label}]} for text, label in TEXTS
]


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def parquet() -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(TEXTS, schema=["text", "label"], orient="row").write_parquet(stream)
    return stream.getvalue()


def pictures(side: str = "") -> dict[str, bytes]:
    return {f"{side or ('cat', 'dog')[n % 2]}/{n}.png": picture(n + len(side)) for n in range(20)}


def masks() -> dict[str, bytes]:
    found = {}
    for n in range(20):
        stream = io.BytesIO()
        Image.new("L", (32, 24), n % 2).save(stream, "PNG")
        found[f"masks/{n}.png"] = stream.getvalue()
    return found


def sounds() -> dict[str, bytes]:
    return {f"{('yes', 'no')[n % 2]}/{n}.wav": sound(n) for n in range(40)}


def conll() -> str:
    return "".join(f"In\tO\nCity{n}\tB-LOC\n.\tO\n\n" for n in range(40))


def squad() -> str:
    context = "It is " + ", ".join(f"number {n}" for n in range(40))
    asked = [{"question": f"Who is {n}?", "answers": [{"text": f"number {n}", "answer_start": 0}]} for n in range(40)]
    return json.dumps({"data": [{"paragraphs": [{"context": context, "qas": asked}]}]})


def numbers() -> str:
    rows = "".join(f"{n % 9},{('Rome', 'Paris')[n % 2]},{n * 3.5}\n" for n in range(60))
    return f"size,city,price\n{rows}"


def learners() -> str:
    return "".join(f"3\n{n},{n + 1},{n + 2}\n1,0,{n % 2}\n" for n in range(40))


def pairs() -> str:
    return "".join(json.dumps({"text_a": f"a {n}", "text_b": f"b {n}", "score": n / 8}) + "\n" for n in range(40))


# name -> filename, content, type, what else is said of it, the format it is read as
FILES: dict[str, tuple[str, bytes | str, str, dict[str, Any], str]] = {
    "csv": ("m.csv", TABLE, "text-classification", {}, "csv"),
    "no header, another delimiter": (
        "m.txt", TABLE.split("\n", 1)[1].replace(",", "@"), "text-classification",
        {"header": False, "delimiter": "@", "columns": {"text": "column_1", "label": "column_2"}}, "csv",
    ),
    "tsv, packed": ("m.tsv.gz", gzip.compress(TABLE.replace(",", "\t").encode()), "text-classification", {}, "tsv"),
    "json lines": ("m.jsonl", "".join(f"{json.dumps(row)}\n" for row in OBJECTS), "text-classification", {}, "jsonl"),
    "json": ("m.json", json.dumps(OBJECTS), "text-classification", {}, "json"),
    "parquet": ("m.parquet", parquet(), "text-classification", {}, "parquet"),
    "xlsx": ("m.xlsx", workbook({"Data": [["text", "label"], *map(list, TEXTS)]}), "text-classification", {}, "xlsx"),
    "chats": ("m.jsonl", "".join(f"{json.dumps(chat)}\n" for chat in CHATS), "text-generation", {}, "chat"),
    "plain text": ("corpus.txt", LINES, "unlabelled", {}, "text"),
    "conll": ("eng.train", conll(), "token-classification", {}, "conll"),
    "parallel": ("p.zip", zipped({"train.en": LINES, "train.de": LABELS}), "translation",
                 {"columns": {"source": "en", "target": "de"}}, "parallel"),
    "splits in an archive": ("s.zip", zipped({"train.csv": TABLE, "test.csv": TABLE.replace("number", "no")}),
                             "text-classification", {}, "csv"),
    "squad": ("train.json", squad(), "question-answering", {}, "squad"),
    "pairs": ("pairs.jsonl", pairs(), "text-matching", {}, "jsonl"),
    "a table": ("t.csv", numbers(), "tabular-regression", {"columns": {"target": "price"}}, "csv"),
    "learners": ("l.csv", learners(), "sequence-prediction", {}, "triples"),
    "pictures": ("p.zip", zipped(pictures()), "image-classification", {}, "media"),
    "boxes": ("b.zip", zipped({**{f"{n}.png": picture(n) for n in range(20)}, "b.json": coco([[1, 2, 9, 9]] * 20)}),
              "object-detection", {}, "media"),
    "masks": ("m.zip", zipped({**pictures("images"), **masks()}), "image-segmentation", {}, "media"),
    "sounds": ("s.zip", zipped(sounds()), "audio-classification", {}, "media"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_becomes_a_data_set_a_page_and_a_task(landfall: Stack, tmp_path: Path, name: str) -> None:
    filename, content, kind, said, form = FILES[name]
    path = tmp_path / filename
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with landfall.acme as acme:
        file = acme.upload(path, purpose="dataset")
        made = acme.post("/v1/datasets", {"file": file["id"], "type": kind, **said})
        address = f"/v1/datasets/{made['id']}"
        ready = until(lambda: (found := acme.get(address))["status"] != "processing" and found)
        assert ready["status"] == "ready", ready["error"]
        assert ready["report"]["format"] == form
        assert acme.get(f"{address}/rows")["data"][0]["row"] == 1
        assert "ready to learn from" in acme.page(f"{address}/report")
        if kind != "unlabelled":
            task = acme.post("/v1/tasks", {"name": f"{name} {kind}", "type": kind, "dataset": made["id"]})
            assert (task["type"], task["form"]) == (kind, ready["report"]["form"])
