"""Runs the engine for tests: in this process (fast), or as the child process that a worker starts."""

import io
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from contracts.child import Done, Message, Progress, parse
from contracts.codec import to_json
from contracts.fine_tune import FineTuneSpec
from training.engine.run import Folders, fine_tune
from training.engine.voice import Voice

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, kw_only=True)
class Outcome:
    output: Path
    work: Path
    messages: list[Message]

    @property
    def done(self) -> Done:
        last = self.messages[-1]
        assert isinstance(last, Done)
        return last


def folders(place: Path, input_folder: Path) -> Folders:
    return Folders(input=input_folder, work=place / "work", output=place / "output")


def run(spec: FineTuneSpec, input_folder: Path, place: Path, *, stop: Callable[[], bool] = lambda: False) -> Outcome:
    stream = io.BytesIO()
    where = folders(place, input_folder)
    fine_tune(spec, where, Voice(stream), stop)
    return Outcome(output=where.output, work=where.work, messages=spoken(stream.getvalue()))


def spoken(lines: bytes) -> list[Message]:
    return [parse(line) for line in lines.splitlines()]


def child(spec: FineTuneSpec, input_folder: Path, place: Path) -> subprocess.Popen[bytes]:
    """Messages on standard output."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "spec.json").write_bytes(to_json(spec))
    command = [sys.executable, "-m", "training.engine", "--spec", str(place / "spec.json")]
    for name in ("input", "work", "output"):
        command += [f"--{name}", str(input_folder if name == "input" else place / name)]
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'platform'}", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        [*command, "--events", "1"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def until_training(process: subprocess.Popen[bytes], *, step: int) -> None:
    """Reads messages until the training has done `step` steps."""
    assert process.stdout is not None
    for line in process.stdout:
        message = parse(line)
        if isinstance(message, Progress) and message.phase == "training" and message.step >= step:
            return
    raise AssertionError(f"the child ended before step {step}")
