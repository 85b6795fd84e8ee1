"""Stopped anywhere and gone on: the same weights, bit for bit."""

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest

from contracts import manifest
from contracts.child import INTERRUPTED, Checkpoint, Event
from contracts.fine_tune import FineTuneSpec
from tests.engine import tiny
from tests.engine.engine import Outcome, child, run, spoken, until_training
from training.engine import checkpoint
from training.engine.loop import Interrupted

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)


class After:
    """Asks to stop after so many steps."""

    def __init__(self, steps: int) -> None:
        self.steps = steps

    def __call__(self) -> bool:
        self.steps -= 1
        return self.steps < 0


def weights(outcome: Outcome) -> bytes:
    return (outcome.output / "model.safetensors").read_bytes()


def resumed_input(data: Path, place: Path, work: Path) -> Path:
    """An input folder as the worker lays it out: the data, and the checkpoints of the attempt before."""
    shutil.copytree(data, place)
    shutil.copytree(work / checkpoint.FOLDER, place / checkpoint.FOLDER)
    return place


def newest(folder: Path) -> str:
    return checkpoint.found(folder / checkpoint.FOLDER)[0].relative_to(folder).as_posix()


@pytest.fixture(scope="module")
def asked(base: Path) -> FineTuneSpec:
    return tiny.spec(base, method="full", n_epochs=4, checkpoint_every_s=0.0)


@pytest.fixture(scope="module")
def whole(asked: FineTuneSpec, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(asked, data, tmp_path_factory.mktemp("whole"))


def test_the_same_seed_gives_the_same_model(asked: FineTuneSpec, whole: Outcome, data: Path, tmp_path: Path) -> None:
    assert weights(run(replace(asked, checkpoint_every_s=60.0), data, tmp_path)) == weights(whole)


def test_another_seed_gives_another_model(asked: FineTuneSpec, whole: Outcome, data: Path, tmp_path: Path) -> None:
    assert weights(run(replace(asked, seed=1), data, tmp_path)) != weights(whole)


@pytest.mark.parametrize("method", ["upper_layers", "lora"])
@pytest.mark.parametrize("steps", [0, 5])  # after the first step; in the middle of the second epoch
def test_a_training_that_goes_on_ends_like_one_that_never_stopped(
    base: Path, data: Path, tmp_path: Path, method: str, steps: int
) -> None:
    spec = tiny.spec(base, method=method)
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(steps))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(run(spec, data, tmp_path / "whole"))


def test_sigkill_and_resume_give_bit_identical_weights(
    asked: FineTuneSpec, whole: Outcome, data: Path, tmp_path: Path
) -> None:
    process = child(
        replace(asked, hyperparameters=replace(asked.hyperparameters, n_epochs=4)), data, tmp_path / "first"
    )
    until_training(process, step=6)
    process.kill()
    process.communicate()
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(asked, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(whole)
    assert any("goes on from step" in one.message for one in second.said(Event))


def test_sigterm_writes_a_checkpoint_and_says_so(asked: FineTuneSpec, data: Path, tmp_path: Path) -> None:
    long = replace(asked, checkpoint_every_s=3600.0, hyperparameters=replace(asked.hyperparameters, n_epochs=100))
    process = child(long, data, tmp_path)
    until_training(process, step=2)
    process.send_signal(signal.SIGTERM)
    said, errors = process.communicate()
    assert process.returncode == INTERRUPTED, errors.decode()
    last = [one for one in spoken(said) if isinstance(one, Checkpoint)][-1]
    assert manifest.verify(tmp_path / "work" / last.path).about["step"] == last.step


def test_two_checkpoints_are_kept(whole: Outcome) -> None:
    assert len(list((whole.work / checkpoint.FOLDER).iterdir())) == checkpoint.KEPT


def test_a_damaged_checkpoint_is_passed_over_for_the_older_one(
    asked: FineTuneSpec, whole: Outcome, data: Path, tmp_path: Path
) -> None:
    again = resumed_input(data, tmp_path / "input", whole.work)
    broken = again / newest(again) / "model.safetensors"
    content = bytearray(broken.read_bytes())
    content[-1] ^= 1
    broken.write_bytes(content)
    second = run(replace(asked, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(whole)
    warnings = [one for one in second.messages if isinstance(one, Event) and one.level == "warn"]
    assert [one.data.get("checkpoint") for one in warnings] == [broken.parent.name]


def test_without_any_sound_checkpoint_the_training_starts_again(
    asked: FineTuneSpec, whole: Outcome, data: Path, tmp_path: Path
) -> None:
    again = resumed_input(data, tmp_path / "input", whole.work)
    for meta in again.glob("checkpoints/*/meta.json"):
        meta.write_bytes(b"{}")
    second = run(replace(asked, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(whole)
    assert any("starts again" in one.message for one in second.messages if isinstance(one, Event))
