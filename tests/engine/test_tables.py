"""Tables: what is made of columns, that it learns, and that its published files answer alone as was reported."""

import io
import json
import math
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import polars as pl
import pytest
import torch
from numpy.typing import NDArray

from contracts import manifest
from contracts.child import Event
from contracts.columns import MISSING, OTHER
from contracts.fine_tune import FROM_SCRATCH, BaseModel, FineTuneSpec
from contracts.problems import Problem
from contracts.task import TABULAR_CLASSIFICATION, TABULAR_REGRESSION, TEXT_REGRESSION
from tests.engine import kinds, tiny
from tests.engine.asking import asked, reached
from tests.engine.engine import Outcome, run
from tests.engine.kinds import START, Form, Row
from tests.engine.test_resume import After
from training.engine import checkpoint, seed
from training.engine.checks import checked
from training.engine.data import columns
from training.engine.judging import importance
from training.engine.loop import Course, Interrupted, optimise
from training.engine.model import files, tabular
from training.engine.settings import choose
from training.engine.tasks import kind_of
from training.engine.tasks.tables import Tabled
from training.engine.voice import Voice

LABELLED: Form = (TABULAR_CLASSIFICATION, "rows")
COUNTED: Form = (TABULAR_REGRESSION, "rows")
BOTH = (LABELLED, COUNTED)
NOWHERE = Path()  # of a base: these kinds have one of their own


def spec_of(form: Form, **asked: Any) -> FineTuneSpec:
    (started,) = (one for one in FROM_SCRATCH if one.fits(form[0]))
    return replace(kinds.spec(form, NOWHERE, **asked), base=started)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Outcome]:
    """A whole job of each. For reading only."""
    found = {}
    for form, metric in zip(BOTH, ("roc_auc", "rmse"), strict=True):
        place = tmp_path_factory.mktemp(form[0])
        data = kinds.version(place / "data", kinds.rows(form))
        found[form] = run(spec_of(form, metric=metric, n_epochs=16), data, place)
    return found


def cells_of(form: Form) -> list[Row]:
    return [row for row in kinds.rows(form) if row["split"] == "test"]


def asked_with(folder: Path, rows: list[Row]) -> dict[str, NDArray[Any]]:
    """As docs/training.md says, by columns.json alone."""
    about = json.loads((folder / "columns.json").read_bytes())

    def number(cell: Any, part: str) -> float:
        if cell is None or part == "value":
            return math.nan if cell is None else float(cell)
        day = (cell.hour * 3600 + cell.minute * 60 + cell.second) / 86_400
        if part == "days":
            return float((cell - START + timedelta(days=19_723)).total_seconds() / 86_400)
        circle, side = part.split("_")
        turns = {"year": (cell.timetuple().tm_yday - 1 + day) / 366, "week": (cell.weekday() + day) / 7, "day": day}
        angle = 2 * math.pi * turns[circle]
        return math.sin(angle) if side == "sin" else math.cos(angle)

    def code(cell: Any, values: list[str]) -> int:
        return 0 if cell is None else values.index(cell) + 2 if cell in values else 1

    cells = [row["features"] for row in rows]
    return {
        "numbers": np.array([[number(row[one["column"]], one["part"]) for one in about["numbers"]] for row in cells]),
        "codes": np.array([[code(row[one["column"]], one["values"]) for one in about["categories"]] for row in cells]),
    }


def published(form: Form, folder: Path) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(folder / "model.onnx")
    found: NDArray[np.float32] = session.run(None, asked_with(folder, cells_of(form)))[0]
    return found


@pytest.mark.parametrize("form", BOTH, ids=lambda form: "-".join(form))
def test_the_files_say_the_same_when_they_are_asked_again(outcomes: dict[Form, Outcome], form: Form) -> None:
    said = asked(outcomes[form], form)
    assert reached(said) == pytest.approx(outcomes[form].metrics["compared"]["model"])
    assert len(said.truth()) == len(said.answers()) == len(said.loss) == said.rows == 36


def test_the_file_alone_answers_labels_as_was_reported(outcomes: dict[Form, Outcome]) -> None:
    outcome = outcomes[LABELLED]
    answers = published(LABELLED, outcome.output).argmax(1)
    labels = json.loads((outcome.output / "task.json").read_bytes())["labels"]
    accuracy = np.mean([labels[one] == row["label"] for one, row in zip(answers, cells_of(LABELLED), strict=True)])
    summary = outcome.done.summary
    assert summary["accuracy"] == pytest.approx(float(accuracy))
    assert accuracy > 0.85
    compared = outcome.metrics["compared"]
    assert (compared["metric"], compared["model"]) == ("roc_auc", pytest.approx(summary["roc_auc"]))
    assert compared["intervals"][0][0] <= compared["model"] <= compared["intervals"][0][1] <= 1
    assert outcome.metrics["ranking"]["roc_auc"] == pytest.approx(summary["roc_auc"])


def test_the_file_alone_answers_in_the_customers_unit(outcomes: dict[Form, Outcome]) -> None:
    answers, right = published(COUNTED, outcomes[COUNTED].output), [row["target"] for row in cells_of(COUNTED)]
    rmse = float(np.sqrt(np.mean((answers[:, 0] - np.array(right)) ** 2)))
    assert outcomes[COUNTED].done.summary["rmse"] == pytest.approx(rmse, rel=1e-3)
    assert rmse < 0.5 * float(np.std(right))


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form[0])
def test_weights_and_onnx_file_are_the_same_model(outcomes: dict[Form, Outcome], form: Form) -> None:
    folder = outcomes[form].output
    given = {name: torch.from_numpy(one) for name, one in asked_with(folder, cells_of(form)).items()}
    with torch.no_grad():
        ours = files.load(tabular.Tabular, tabular.Shape, folder)(**given)
    torch.testing.assert_close(ours, torch.from_numpy(published(form, folder)), rtol=1e-4, atol=1e-4)
    assert manifest.verify(folder).about["task"] == form[0]


@pytest.mark.parametrize("form", BOTH, ids=lambda form: form[0])
def test_what_was_made_of_the_columns_is_told(outcomes: dict[Form, Outcome], form: Form) -> None:
    said = [one.message for one in outcomes[form].said(Event)]
    assert (
        "Columns: 1 of numbers, 1 of categories, 1 of dates; left out, as they cannot tell rows apart: 'person', "
        "'country'."
    ) in said
    worth = outcomes[form].metrics["columns"]
    assert [one["column"] for one in worth[:2]] in (["channel", "amount"], ["amount", "channel"])
    assert {one["column"] for one in worth} == {"amount", "channel", "since"}
    page = (outcomes[form].output / "report.html").read_text(encoding="utf-8")
    assert "What the columns are worth" in page
    assert "Short texts and long ones" not in page


def test_cells_that_training_never_saw_have_values_of_their_own() -> None:
    def features(*cells: dict[str, Any]) -> pl.Series:
        return pl.Series("features", list(cells), dtype=SCHEMA)

    train = features(*({"n": float(at), "c": "ab"[at % 2], "t": START + timedelta(days=at)} for at in range(9)))
    learnt = columns.learn(train)
    assert [(one.column, one.part) for one in learnt.numbers] == [
        ("n", "value"), ("t", "days"), *(("t", f"{circle}_{side}") for circle in ("year", "week")
                                         for side in ("sin", "cos")),
    ]  # fmt: skip
    assert learnt.categories[0].values == ("a", "b")
    strange = columns.read(
        learnt, features({"n": None, "c": None, "t": None}, {"n": 1e9, "c": "z", "t": START + timedelta(days=3_000)})
    )
    assert strange.codes.tolist() == [[MISSING], [OTHER]]
    assert strange.numbers[0].isnan().all()
    assert strange.numbers[1].isfinite().all()
    model = tabular.made(columns.read(learnt, train).numbers, (4,), outputs=2)
    assert model(strange.numbers, strange.codes).isfinite().all()


SCHEMA = pl.Struct({"n": pl.Float64, "c": pl.String, "t": pl.Datetime("us")})


def begun(form: Form, folder: Path, **asked: Any) -> Tabled:
    spec = spec_of(form, **asked)
    kind = kind_of(spec.task)
    base, rows = checked(kind, spec, kinds.version(folder, kinds.rows(form)))
    seed.sow(spec.seed)
    chosen = choose(spec, base, kind.habits, train_rows=len(rows["train"]), bfloat16=True, threads=1)
    work = kind.begin(spec, base, rows, chosen, Voice(io.BytesIO()))
    assert isinstance(work, Tabled)
    return work


def taught(work: Tabled, folder: Path, *, resumed: checkpoint.Snapshot | None = None, steps: int = 1_000) -> None:
    course = Course(
        job="ft_test", settings=work.settings, lesson=work, voice=Voice(io.BytesIO()), stop=After(steps), work=folder,
        offer=lambda standing, *, last: None, checkpoint_every_s=60.0,
    )  # fmt: skip
    optimise(course, resumed)


def test_a_training_that_goes_on_ends_like_one_that_never_stopped(tmp_path: Path) -> None:
    whole = begun(LABELLED, tmp_path, n_epochs=2)
    taught(whole, tmp_path)
    with pytest.raises(Interrupted):
        taught(begun(LABELLED, tmp_path, n_epochs=2), tmp_path, steps=5)
    again = begun(LABELLED, tmp_path, n_epochs=2)
    taught(again, tmp_path, resumed=checkpoint.load(tmp_path / "checkpoints/step-6"))
    for ours, theirs in zip(whole.model.state_dict().values(), again.model.state_dict().values(), strict=True):
        assert torch.equal(ours, theirs)


def test_a_batch_too_large_for_memory_goes_in_parts(tmp_path: Path) -> None:
    work = begun(COUNTED, tmp_path)
    rows = list(range(50))
    assert work.parts(rows, 1) == [rows]
    parts = work.parts(rows, 512)
    assert len(parts) > 1
    assert [row for part in parts for row in part] == rows
    assert not work.settings.bfloat16


def test_what_columns_are_worth_is_not_asked_for_hours() -> None:
    assert importance.affordable(30, 5_000) == 1_000
    assert importance.affordable(30, 20) == 20
    assert 50 <= importance.affordable(300, 5_000) < 200
    assert importance.affordable(2_000, 5_000) == 0
    assert importance.judge(("a",), 0, lambda column, order: 1 / 0) == ()


def refused(
    form: Form, folder: Path, made: list[Row] | None = None, *, started: BaseModel = FROM_SCRATCH[0], **asked: Any
) -> set[tuple[str, str | None]]:
    spec = replace(spec_of(form, **asked), base=started)
    with pytest.raises(Problem) as caught:
        checked(kind_of(spec.task), spec, kinds.version(folder, made or kinds.rows(form)))
    return {(one.code, one.param) for one in caught.value.faults}


def test_what_cannot_be_learnt_is_told_at_once(tmp_path: Path) -> None:
    same = [{**row, "features": {"country": "CH", "person": row["features"]["person"]}} for row in kinds.rows(COUNTED)]
    assert refused(COUNTED, tmp_path, same, method="lora", max_length=64, label_smoothing=0.1) == {
        ("no_columns", "features"),
        ("unknown_method", "method"),
        ("not_for_this_form", "hyperparameters.max_length"),
        ("not_for_this_form", "hyperparameters.label_smoothing"),
    }


def test_a_row_without_any_cell_and_an_unknown_label_are_named(tmp_path: Path) -> None:
    made = kinds.rows(LABELLED)
    made[2] = {**made[2], "features": None}
    assert refused(LABELLED, tmp_path, made) == {("missing_value", "features")}
    made[2] = {**kinds.rows(LABELLED)[2], "label": "taxes"}
    assert refused(LABELLED, tmp_path, made) == {("unknown_label", "label")}


def test_each_base_is_for_its_kinds(base: Path, tmp_path: Path) -> None:
    encoder = tiny.spec(base).base
    assert refused(COUNTED, tmp_path, started=encoder) == {("wrong_base_for_task", "base")}
    spec = replace(kinds.spec((TEXT_REGRESSION, "scored"), base), base=FROM_SCRATCH[0])
    with pytest.raises(Problem) as caught:
        kind_of(spec.task).inspect(spec.base)
    assert caught.value.code in ("unknown_base_model", "wrong_base_for_task")
