"""The process itself: its command line, its pipe, its exit codes, and what it must not load."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from contracts.child import DONE, INTERRUPTED, PROBLEM, Done, ProblemMessage, Progress
from contracts.ingestion import IngestionSpec
from tests.training.ingest.child import Outcome, arguments, csv_of, good_rows, ingest, outcome, prepare
from training.ingest.__main__ import main

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"}
SPEC = IngestionSpec(source="upload", filename="data.csv", task_kind="text-classification")


def start(folder: Path, content: str) -> Outcome:
    prepare(SPEC, content.encode(), folder)
    reading, writing = os.pipe()
    command = [sys.executable, "-m", "training.ingest", *arguments(folder), "--events", str(writing)]
    with subprocess.Popen(command, pass_fds=[writing], env=ENVIRONMENT, cwd=folder, stdout=subprocess.PIPE) as child:
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            events = pipe.read()
        printed, _ = child.communicate(timeout=60)
    assert printed == b""
    return outcome(child.returncode, events, folder)


def test_a_good_file_ends_with_done_through_the_pipe(tmp_path: Path) -> None:
    found = start(tmp_path, csv_of(good_rows()))
    assert found.code == DONE
    assert isinstance(found.messages[-1], Done)
    assert found.messages[-1].summary["rows"] == 20
    assert found.messages[-1].summary["sha256"] == found.told.sha256
    assert found.files == ("data.parquet", "issues.json", "preview.json", "report.html", "report.json")


def test_a_bad_file_ends_with_a_problem_through_the_pipe(tmp_path: Path) -> None:
    found = start(tmp_path, "text,label\n")
    assert found.code == PROBLEM
    assert isinstance(found.messages[-1], ProblemMessage)
    assert found.files == ()


def test_sigterm_ends_it_to_be_started_again_and_leaves_nothing(tmp_path: Path) -> None:
    prepare(SPEC, csv_of(good_rows(300_000)).encode(), tmp_path)
    command = [sys.executable, "-m", "training.ingest", *arguments(tmp_path)]
    with subprocess.Popen(command, env=ENVIRONMENT, cwd=tmp_path, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert b"progress" in child.stdout.readline()
        child.send_signal(signal.SIGTERM)
        child.communicate(timeout=60)
    assert child.returncode == INTERRUPTED
    assert list((tmp_path / "output").iterdir()) == []
    assert list((tmp_path / "work").iterdir()) == []


def test_it_loads_neither_django_nor_torch_nor_another_room(tmp_path: Path) -> None:
    prepare(SPEC, csv_of(good_rows()).encode(), tmp_path)
    script = (
        "import sys; from training.ingest.__main__ import main; assert main(sys.argv[1:]) == 0;"
        "print(*sorted({name.split('.')[0] for name in sys.modules}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", script, *arguments(tmp_path)]
    done = subprocess.run(command, env=ENVIRONMENT, cwd=tmp_path, capture_output=True, check=True, timeout=60)
    loaded = set(done.stderr.decode().split())
    assert "polars" in loaded
    strangers = {
        "django",
        "torch",
        "boto3",
        "celery",
        "redis",
        "psycopg",
        "api",
        "jobs",
        "storage",
        "tenants",
        "config",
    }
    assert not loaded & strangers


def test_progress_counts_bytes_up_to_the_whole_file() -> None:
    content = csv_of(good_rows(60_000))
    steps = [message for message in ingest(content).messages if isinstance(message, Progress)]
    assert {step.phase for step in steps} == {"reading"}
    assert {step.steps for step in steps} == {len(content)}
    assert [step.step for step in steps] == sorted(step.step for step in steps)
    assert steps[-1].step == len(content)


def test_a_missing_file_is_a_crash_of_ours_not_a_problem_of_the_customer(tmp_path: Path) -> None:
    prepare(SPEC, b"", tmp_path)
    (tmp_path / "input" / "upload").unlink()
    with pytest.raises(FileNotFoundError):
        main(arguments(tmp_path))
