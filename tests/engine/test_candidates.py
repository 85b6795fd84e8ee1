"""Models on the way: what customers load of a training that goes on, and that it goes on as if nothing had been."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts import manifest
from contracts.child import Candidate, Checkpoint, Metrics
from contracts.fine_tune import FROM_SCRATCH, FineTuneSpec
from contracts.task import TABULAR_REGRESSION, TEXT_MATCHING, TEXT_REGRESSION
from tests.engine import kinds, tiny
from tests.engine.engine import Outcome, folders, run, spoken
from tests.engine.kinds import Form
from tests.engine.test_resume import After, weights
from training.engine import candidates
from training.engine.loop import Interrupted
from training.engine.run import fine_tune
from training.engine.voice import Voice

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

# What an export must leave alone: a head without the customer's unit, embedding rows left out, adapters, chance.
EXPORTED: dict[str, tuple[Form, str]] = {
    "numbers": ((TEXT_REGRESSION, "scored"), "full"),
    "vectors": ((TEXT_MATCHING, "triples"), "dora"),
    "tables": ((TABULAR_REGRESSION, "rows"), "full"),
}


def spec(form: Form, base: Path, method: str) -> FineTuneSpec:
    made = kinds.spec(form, base, method=method, n_epochs=2)
    scratch = next((one for one in FROM_SCRATCH if one.fits(form[0])), None)
    return replace(made, base=scratch) if scratch else made


@pytest.mark.parametrize("name", EXPORTED)
def test_an_export_costs_the_training_nothing_and_holds_the_best_of_validation(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    form, method = EXPORTED[name]
    asked, data = spec(form, base, method), kinds.version(tmp_path / "data", kinds.rows(form))
    without = run(asked, data, tmp_path / "without")
    assert without.said(Candidate) == []  # a training so short gives no time to it
    monkeypatch.setattr(candidates, "SHARE", float("inf"))
    outcome = run(asked, data, tmp_path / "with")
    assert weights(outcome) == weights(without)
    newest = outcome.said(Candidate)[-1]
    folder = outcome.work / newest.path
    assert newest.step == outcome.done.summary["best_step"] == manifest.verify(folder).about["step"]
    assert (folder / "model.safetensors").read_bytes() == weights(outcome)
    assert newest.values == next(
        one.values for one in outcome.said(Metrics) if one.step == newest.step and one.values == newest.values
    )
    assert [one.name for one in folder.parent.iterdir()] == [folder.name]


def test_a_training_that_is_stopped_leaves_its_best_behind_its_checkpoint(
    base: Path, data: Path, tmp_path: Path
) -> None:
    asked = tiny.spec(base, method="full", n_epochs=4)
    said = {steps: _stopped(asked, data, tmp_path / str(steps), steps).messages for steps in (1, 6)}
    assert isinstance(said[1][-1], Checkpoint)  # no validation yet
    assert isinstance(said[6][-2], Checkpoint)
    assert isinstance(said[6][-1], Candidate)
    assert (said[6][-2].step, said[6][-1].step) == (7, 4)


def _stopped(asked: FineTuneSpec, data: Path, place: Path, steps: int) -> Outcome:
    place.mkdir()
    where = folders(place, data)
    with (place / "said").open("wb") as stream, pytest.raises(Interrupted):
        fine_tune(asked, where, Voice(stream), After(steps))
    return Outcome(output=where.output, work=where.work, messages=spoken((place / "said").read_bytes()))
