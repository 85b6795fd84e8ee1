"""Runs the engine for tests: in this process (fast), or as the child process that a worker starts."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest
import torch

from contracts.child import Done, Message, Progress, parse
from contracts.codec import to_json
from contracts.fine_tune import FineTuneSpec
from contracts.problems import Problem
from training.engine.run import Folders, fine_tune
from training.engine.search.trial import try_out
from training.engine.voice import Voice

ROOT = Path(__file__).parents[2]
M = TypeVar("M", bound=Message)


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

    @property
    def metrics(self) -> Any:
        """metrics.json."""
        return json.loads((self.output / "metrics.json").read_bytes())

    def said(self, kind: type[M]) -> list[M]:
        return [one for one in self.messages if isinstance(one, kind)]


def folders(place: Path, input_folder: Path) -> Folders:
    return Folders(input=input_folder, work=place / "work", output=place / "output")


def run(spec: FineTuneSpec, input_folder: Path, place: Path, *, stop: Callable[[], bool] = lambda: False) -> Outcome:
    stream = io.BytesIO()
    where = folders(place, input_folder)
    if spec.trial is None:
        fine_tune(spec, where, Voice(stream), stop)
    else:
        try_out(spec, spec.trial, where, Voice(stream), stop)
    return Outcome(output=where.output, work=where.work, messages=spoken(stream.getvalue()))


def refused(
    spec: FineTuneSpec, input_folder: Path, place: Path, *, stop: Callable[[], bool] = lambda: False
) -> Problem:
    """What the customer is told instead of a model; all that was said before can be read."""
    stream, where = io.BytesIO(), folders(place, input_folder)
    with pytest.raises(Problem) as caught:
        fine_tune(spec, where, Voice(stream), stop)
    spoken(stream.getvalue())
    assert not where.output.exists()
    return caught.value


@contextmanager
def without_bfloat16() -> Iterator[None]:
    """As on a processor that does not multiply it: float32 throughout, the same numbers on every machine."""
    with pytest.MonkeyPatch.context() as processor:
        processor.setattr(torch.cpu, "get_capabilities", dict[str, Any])
        yield


def spoken(lines: bytes) -> list[Message]:
    return [parse(line) for line in lines.splitlines()]


def child(spec: FineTuneSpec, input_folder: Path, place: Path, **variables: str) -> subprocess.Popen[bytes]:
    """Messages on standard output. `variables`: of its environment, beside this process's own."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "spec.json").write_bytes(to_json(spec))
    command = [sys.executable, "-m", "training.engine", "--spec", str(place / "spec.json")]
    for name in ("input", "work", "output"):
        command += [f"--{name}", str(input_folder if name == "input" else place / name)]
    path = f"{ROOT}{os.pathsep}{ROOT / 'platform'}"
    environment = {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", **variables}
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
