"""What happened, in order: how the next goes and what comes next, by the published file alone as was reported."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import pytest
import torch
from sklearn.metrics import log_loss, roc_auc_score  # type: ignore[import-untyped]

from contracts import manifest
from contracts.child import Event
from contracts.fine_tune import FROM_SCRATCH, FineTuneSpec
from contracts.problems import Problem
from contracts.task import SEQUENCE_PREDICTION
from tests.engine import documented, kinds, tiny
from tests.engine.engine import Outcome, run
from tests.engine.kinds import Form, Row
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.checks import checked
from training.engine.data import histories
from training.engine.judging import practice, succession
from training.engine.judging.nexts import Placed
from training.engine.judging.outcomes import Foretold, Steps
from training.engine.loop import Interrupted
from training.engine.model import files, sequential
from training.engine.settings import choose
from training.engine.tasks import kind_of
from training.engine.voice import Voice

ANSWERED: Form = (SEQUENCE_PREDICTION, "answered")
NEXT: Form = (SEQUENCE_PREDICTION, "next-item")
BOTH = (ANSWERED, NEXT)
LENGTH = histories.READ + histories.READ // 2 + 7  # of a row that is read in three pieces


def spec_of(form: Form, **asked: Any) -> FineTuneSpec:
    (started,) = (one for one in FROM_SCRATCH if one.fits(form[0]))
    return replace(kinds.spec(form, Path(), **asked), base=started)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Outcome]:
    """A whole job of each. For reading only."""
    found = {}
    for form in BOTH:
        place = tmp_path_factory.mktemp(form[1])
        done = run(spec_of(form, n_epochs=6), kinds.version(place / "data", kinds.rows(form)), place)
        done.output.rename(place / "model")
        found[form] = replace(done, output=place / "model")
    return found


def rows_of(form: Form) -> list[Row]:
    return [row for row in kinds.rows(form) if row["split"] == "test"]


def test_the_file_alone_foretells_outcomes_as_was_reported(outcomes: dict[Form, Outcome]) -> None:
    outcome = outcomes[ANSWERED]
    chance = documented.run("onnxruntime.InferenceSession", beside=outcome.output)["chance"]
    steps = [
        (chance(row["items"][:at], [int(one) for one in row["outcomes"][:at]], row["items"][at]), row["outcomes"][at])
        for row in rows_of(ANSWERED)
        for at in range(len(row["items"]))
    ]
    said, went = zip(*steps, strict=True)
    assert outcome.metrics["model"]["roc_auc"] == pytest.approx(roc_auc_score(went, said), abs=1e-6)
    assert outcome.metrics["model"]["roc_auc"] > 0.7
    assert outcome.metrics["steps"] == len(steps)
    compared = outcome.metrics["compared"]
    assert compared["rows"] == len(rows_of(ANSWERED)), "steps of a row hang together: rows are resampled"
    assert compared["intervals"][0][0] < compared["model"] < compared["intervals"][0][1]


def test_the_file_alone_foretells_what_comes_next_as_was_reported(outcomes: dict[Form, Outcome]) -> None:
    outcome = outcomes[NEXT]
    likeliest = documented.run("onnxruntime.InferenceSession", beside=outcome.output)["likeliest"]
    places = [
        1 + likeliest(row["items"][:at]).index(row["items"][at])
        for row in rows_of(NEXT)
        for at in range(1, len(row["items"]))
    ]
    model = outcome.metrics["model"]
    assert model["accuracy"] == pytest.approx(np.mean([place == 1 for place in places]))
    assert model["mrr"] == pytest.approx(np.mean([1 / place for place in places]))
    assert model["accuracy"] > 0.7 > 0.6 > outcome.metrics["baseline"]["accuracy"]


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form[1])
def test_weights_and_onnx_file_are_the_same_model(outcomes: dict[Form, Outcome], form: Form) -> None:
    folder = outcomes[form].output
    given = {"items": torch.tensor([[1, 2, 0, 1]]), "outcomes": torch.tensor([[1, 0, 1, 0]])}
    asked = {name: one for name, one in given.items() if form == ANSWERED or name == "items"}
    with torch.no_grad():
        ours = files.load(sequential.Sequential, sequential.Shape, folder)(**asked)
    theirs = torch.from_numpy(
        onnxruntime.InferenceSession(folder / "model.onnx").run(
            None, {name: one.numpy() for name, one in asked.items()}
        )[0]
    )
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)
    assert manifest.verify(folder).about["task"] == form[0]
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert ("How much has to lie behind" if form == ANSWERED else "How deep one has to look") in page


def test_a_training_that_goes_on_ends_like_one_that_never_stopped(
    outcomes: dict[Form, Outcome], tmp_path: Path
) -> None:
    spec, data = spec_of(ANSWERED, n_epochs=6), kinds.version(tmp_path / "data", kinds.rows(ANSWERED))
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(11))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(outcomes[ANSWERED])


def long_rows(form: Form) -> list[Row]:
    """The first is read in pieces."""
    made = kinds.rows(form)
    first = {name: (cell * LENGTH)[:LENGTH] if isinstance(cell, list) else cell for name, cell in made[0].items()}
    return [first, *made[1:]]


def test_a_long_history_is_read_in_pieces_that_ask_everything_once(outcomes: dict[Form, Outcome]) -> None:
    rows = [["a", "b"] * (LENGTH // 2 + 1), [], ["b"]]
    read = histories.read(("a", "b"), rows)
    pieces = histories.pieces(read)
    asked = [at for piece in pieces for at in range(piece.asked, piece.end)]
    assert asked == list(range(len(read.codes)))
    assert all(piece.end - piece.start <= histories.READ for piece in pieces)
    assert all(piece.asked - piece.start in (0, histories.READ // 2) for piece in pieces)
    laid = histories.batch(read, pieces)
    assert laid.items.flatten()[laid.places].tolist() == read.codes.tolist()
    assert laid.asked.tolist() == asked


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form[1])
def test_a_batch_that_goes_in_parts_has_the_gradients_of_the_whole(tmp_path: Path, form: Form) -> None:
    spec = spec_of(form)
    kind = kind_of(spec.task)
    base, rows = checked(kind, spec, kinds.version(tmp_path, long_rows(form)))
    chosen = choose(spec, base, kind.habits, train_rows=len(rows["train"]), bfloat16=True, threads=1)
    stream = io.BytesIO()
    with pytest.MonkeyPatch.context() as without:
        without.setattr("training.engine.tasks.sequences.DROPOUT", 0.0)
        work = kind.begin(spec, base, rows, chosen, Voice(stream))
        some = list(range(12))
        found = []
        for parts in ([some], work.parts(some, 64)):
            work.module.zero_grad()
            losses = [work.loss(part, some) for part in parts]
            for loss in losses:
                loss.backward()  # type: ignore[no-untyped-call]
            found.append(
                (len(parts), sum(loss.item() for loss in losses), work.module.get_parameter("embeddings").grad)
            )
    (_, whole, at_once), (several, summed, in_parts) = found
    assert several > 1
    assert summed == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(in_parts, at_once, atol=1e-5, rtol=1e-3)
    assert b"1 rows are longer than the 200 steps" in stream.getvalue()


def test_no_step_sees_its_own_outcome_or_what_comes_after() -> None:
    model = sequential.Sequential(sequential.Shape(items=4, outcomes=True))
    items, went = torch.randint(5, (1, 9)), torch.randint(2, (1, 9))
    other, otherwise = items.clone(), went.clone()
    other[0, 6:] = 4 - other[0, 6:]
    otherwise[0, 5:] = 1 - otherwise[0, 5:]
    with torch.no_grad():
        one, changed = model(items, went)[0], model(other, otherwise)[0]
    torch.testing.assert_close(one[:6], changed[:6])
    assert (one[6:] - changed[6:]).abs().min() > 1e-6


def test_figures_of_steps_are_scikit_learns_on_rows_that_were_drawn() -> None:
    random = np.random.default_rng(0)
    owners = np.sort(random.integers(0, 12, 200))
    found = Foretold(
        steps=Steps(went=random.integers(0, 2, 200), owners=owners, numbers=list(range(1, 13))),
        logits=random.normal(size=200).round(1),
    )
    drawn = np.array([0, 3, 3, 7, 11, 0, 5, 5, 5, 1, 2, 2])
    steps = np.concatenate([np.flatnonzero(owners == row) for row in drawn])
    went, logits = found.steps.went[steps], found.logits[steps]
    assert found.measure("roc_auc")(drawn) == pytest.approx(roc_auc_score(went, logits))
    assert found.measure("accuracy")(drawn) == pytest.approx(((logits >= 0) == went).mean())
    assert found.measure("log_loss")(drawn) == pytest.approx(log_loss(went, 1 / (1 + np.exp(-logits))))
    assert found.steps.behind[owners == 4].tolist() == list(range((owners == 4).sum()))


def test_baselines_know_the_learners_past_and_what_followed() -> None:
    went = [[1.0, 1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
    read = histories.read(("sum",), [["sum"] * 4] * 2, went)
    plain = practice.outcomes(read, read)
    assert plain.best[3] > plain.best[0]
    assert plain.best[7] < plain.best[4]
    assert plain.constant == pytest.approx(np.zeros(8))
    visits = histories.read(("a", "b", "c"), [["a", "b", "c"], ["a", "b"], ["c", "c", "x"]])
    chain = succession.nexts(visits, visits, [1, 2, 3], 3)
    assert isinstance(chain.best, Placed)
    assert chain.best.ranks.tolist() == [1, 1, 1, 1, 4]
    assert chain.best.values()["mrr"] == pytest.approx(4 / 5), "what is not known is never foretold"
    assert chain.constant.ranks.tolist() == [3, 1, 3, 1, 4]


def test_what_cannot_be_learnt_is_told_at_once(base: Path, tmp_path: Path) -> None:
    made = [{**row, "outcomes": [1.0] * len(row["items"])} for row in kinds.rows(ANSWERED)]
    made[-1] = {**made[-1], "outcomes": [0.5] * len(made[-1]["items"])}
    spec = replace(
        spec_of(ANSWERED, metric="rmse", method="lora", max_length=64, class_weights="auto"), base=tiny.spec(base).base
    )
    with pytest.raises(Problem) as caught:
        checked(kind_of(spec.task), spec, kinds.version(tmp_path, made))
    told = {one.code: one.message for one in caught.value.faults}
    assert told.keys() == {"unknown_metric", "not_for_this_form", "wrong_base_for_task", "bad_outcome", "one_value"}
    assert "1 row(s) have an outcome that is neither 0 nor 1, the first is row 180 with 0.5" in told["bad_outcome"]


def test_items_that_never_come_again_and_rows_of_one_are_refused(tmp_path: Path) -> None:
    made = [{**row, "items": [f"{number}"]} for number, row in enumerate(kinds.rows(NEXT))]
    spec = spec_of(NEXT)
    with pytest.raises(Problem) as caught:
        checked(kind_of(spec.task), spec, kinds.version(tmp_path, made))
    assert [one.code for one in caught.value.faults] == ["too_short", "too_short", "too_short", "no_items"]


def test_how_many_items_are_known_is_told(outcomes: dict[Form, Outcome]) -> None:
    said = [one.message for one in outcomes[NEXT].said(Event)]
    assert "5 items stand often enough in the training rows to be known." in said
