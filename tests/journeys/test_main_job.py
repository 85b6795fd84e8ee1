"""The README's first command, on the stack that is up: the main job through the public API, and what goes wrong."""

import csv
import os
import subprocess
import sys
from pathlib import Path

from embedded.demo import sample
from embedded.place import ROOT
from tests.journeys.stack import Stack, together

pytestmark = together

INTENTS = ("order_status", "account_access")
ROWS = 45  # of each: what a real encoder needs at the least, and a training of seconds


def demo(landfall: Stack, *words: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "LANDFALL_STATE": str(landfall.state)}
    environment.pop("DJANGO_SETTINGS_MODULE")
    command = [sys.executable, "manage.py", "demo", *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_file_of_messages_becomes_an_endpoint_that_only_its_owner_sees(landfall: Stack, tmp_path: Path) -> None:
    with sample.SHIPPED.open(newline="") as stream:
        shipped = list(csv.DictReader(stream))
    rows = [row for intent in INTENTS for row in [one for one in shipped if one["label"] == intent][:ROWS]]
    file = tmp_path / "Our Messages.csv"
    with file.open("w", newline="") as stream:
        written = csv.writer(stream)
        written.writerow(["message", "intent"])
        written.writerows([row["text"], row["label"]] for row in rows)
    told = demo(landfall, "--data", str(file), "--text", "message", "--label", "intent")
    assert told.returncode == 0, told.stdout + told.stderr
    for promised in (
        "Landfall is already running",
        f"{len(INTENTS)} labels",
        "training",
        "steps/s, ETA",
        "TF-IDF + linear model",
        "model.ready about mdl_",
        "signature verified",
        "404  GET /v1/models/mdl_",
        "404  POST /v1/endpoints/ep_",
        "named our-messages, answers at",
        "on the held-out test split",
    ):
        assert promised in told.stdout, promised
    report = landfall.state / "demo" / "report.html"
    assert "<html" in report.read_text()


def test_a_file_that_teaches_nothing_ends_the_demo_with_the_reason(landfall: Stack, tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    file.write_text("text,label\n" + "".join(f"message number {number},only\n" for number in range(50)))
    told = demo(landfall, "--data", str(file))
    assert told.returncode == 1
    assert "Every row has the label 'only'" in told.stdout
    assert "make logs" in told.stdout


def test_a_file_that_is_not_there_is_named(landfall: Stack) -> None:
    told = demo(landfall, "--data", "nowhere.csv")
    assert told.returncode != 0
    assert "There is no file nowhere.csv" in told.stderr
