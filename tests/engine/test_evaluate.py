"""Two published models on the same test rows: figures worked out by hand, rows that were seen, and the page."""

import io
import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from contracts.child import DONE, Event
from contracts.codec import to_json
from contracts.evaluation import EVALUATED, Candidate, EvaluationSpec
from contracts.problems import Problem
from contracts.task import TABULAR_CLASSIFICATION, TEXT_CLASSIFICATION, TRANSLATION, TaskSpec, form_of
from tests.engine import kinds, tiny
from tests.engine.engine import Outcome, folders, spoken
from tests.engine.test_report import FORBIDDEN, HOSTILE, Read
from training.engine.data.groups import classes, groups
from training.engine.data.reading import Rows
from training.engine.evaluate import evaluate, main
from training.engine.judging import contest, evaluated, numbers
from training.engine.judging.classes import said
from training.engine.report.evaluation import page
from training.engine.tasks import FORMS
from training.engine.tasks.kind import Opening
from training.engine.voice import Voice

FORM = (TEXT_CLASSIFICATION, "single-label")
TASK = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a", "b"))
TRUTH = np.zeros(100, dtype=np.int64)
NOBODY = ("one", "other")


def wrong(*rows: int) -> np.ndarray:
    answers = TRUTH.copy()
    answers[list(rows)] = 1
    return answers


def compared(ours: np.ndarray, theirs: np.ndarray) -> contest.Contest:
    one, other = (said(TASK, TRUTH, answers, None) for answers in (ours, theirs))
    return contest.compare(NOBODY, one, other, ())


def test_what_can_be_evaluated_is_what_can_be_opened() -> None:
    assert {form for form, kind in FORMS.items() if isinstance(kind, Opening)} == set(EVALUATED)


def test_a_share_is_compared_by_the_rows_only_one_has_right() -> None:
    """Ten rows against one: McNemar's exact test says 2 (1 + 11) / 2**11."""
    found = compared(wrong(0), wrong(*range(1, 11)))
    assert found.counts == (89, 10, 1, 0)
    assert found.chance == pytest.approx(24 / 2**11)
    assert (found.verdict, found.needed) == ("better", None)
    assert found.gain.value == pytest.approx(0.09)
    assert found.gain.interval[0] < 0.09 < found.gain.interval[1]
    assert found.sentence.startswith("one is better than other: 99.0 % accuracy against 90.0 % on the same 100 test")
    assert compared(wrong(*range(1, 11)), wrong(0)).verdict == "worse"


def test_a_difference_that_may_be_chance_says_how_many_rows_would_show_it() -> None:
    """Three rows against one: the difference of a row has the variance 0.04 - 0.02²."""
    found = compared(wrong(0), wrong(1, 2, 3))
    assert found.verdict == "no difference shown"
    expected = contest.Z**2 * (0.04 - 0.02**2) / 0.02**2
    assert found.needed == pytest.approx(expected, rel=0.15)
    assert f"About {found.needed:,} test rows would be needed" in found.sentence
    none = compared(wrong(0), wrong(1))
    assert (none.needed, none.gain.value) == (None, 0)
    assert none.sentence.endswith("on the same 100 test rows.")


def test_of_an_error_less_is_better() -> None:
    truth = np.arange(200.0)
    task = TaskSpec(kind="text-regression", metric="rmse")
    near, far = (numbers.said(task, truth, truth + step) for step in (1.0, 3.0))
    found = contest.compare(NOBODY, near, far, ())
    assert (found.verdict, found.counts) == ("better", None)
    assert found.gain.value == pytest.approx(2.0)


def test_rows_are_parted_by_length_language_and_columns_that_say_few_things() -> None:
    english, german = "where is my new card please", "wo ist denn bitte meine neue Bankkarte geblieben"
    frame = pl.DataFrame(
        {
            "row": range(1, 61),
            "text": [english] * 30 + [german] * 30,
            "label": ["a", "b"] * 30,
            "by": (["web"] * 15 + ["shop"] * 15) * 2,
            "fold": [0, 1] * 30,
        }
    )
    rows, form = Rows(frame=frame), form_of(*FORM)
    found = {(one.by, one.value): len(one.places) for one in groups(rows, form)}
    assert found[("language", "en")] == found[("language", "de")] == 30
    assert found[("by", "web")] == found[("by", "shop")] == 30
    assert {count for (by, _), count in found.items() if by == "length, characters"} == {30}
    assert {by for by, _ in found} == {"length, characters", "language", "by"}
    assert [(one.value, len(one.places)) for one in classes(rows, form)] == [("a", 30), ("b", 30)]
    few = Rows(frame=frame.head(8))
    assert groups(few, form) == ()


def test_a_tables_categories_part_its_rows() -> None:
    form = (TABULAR_CLASSIFICATION, "rows")
    made = [{**row, "row": at} for at, row in enumerate(kinds.rows(form), start=1)]
    found = groups(Rows(frame=pl.DataFrame(made, infer_schema_length=None)), form_of(*form))
    assert {(one.by, one.value) for one in found} == {("channel", name) for name in ("web", "shop", "phone")}


@pytest.fixture(scope="module")
def input_folder(trained: Outcome, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The version, one whose training rows are five of its test rows, and the model under two names."""
    place = tmp_path_factory.mktemp("input")
    frame = pl.read_parquet(data / "data.parquet")
    frame.write_parquet(place / "data.parquet")
    some = frame.filter(pl.col("split") == "test").head(5).with_columns(pl.lit("train").alias("split"))
    some.write_parquet(place / "seen.parquet")
    (place / "model").symlink_to(trained.output)
    return place


def asked(*candidates: Candidate, form: tuple[str, str] = FORM) -> EvaluationSpec:
    return EvaluationSpec(kind=form[0], form=form[1], metric="accuracy", candidates=candidates, threads=1)


def test_rows_that_a_model_was_trained_on_are_left_out_and_told(input_folder: Path, tmp_path: Path) -> None:
    stream, place = io.BytesIO(), folders(tmp_path, input_folder)
    both = Candidate(name="one", folder="model"), Candidate(name="other", folder="model", seen="seen.parquet")
    evaluate(asked(*both), place, Voice(stream))
    told = [one.message for one in spoken(stream.getvalue()) if isinstance(one, Event)]
    assert told == ["5 of the 30 test rows are among those that 'other' was trained on: left out."]
    report = json.loads((place.output / "report.json").read_bytes())
    assert (report["rows"], report["left_out"], report["differing"]) == (25, {"other": 5}, 0)
    assert report["summary"]["verdict"] == "no difference shown"
    assert "5 of other" in (place.output / "report.html").read_text()


def test_one_model_alone_is_told_as_its_training_did_and_by_the_child(
    trained: Outcome, input_folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "spec.json").write_bytes(to_json(asked(Candidate(name="parts", folder="model"))))
    argv = [f"--{name}={tmp_path / name}" for name in ("work", "output")]
    with (tmp_path / "events").open("wb") as events:
        given = [f"--spec={tmp_path / 'spec.json'}", f"--input={input_folder}", f"--events={events.fileno()}"]
        assert main([*given, *argv]) == DONE
    report = json.loads((tmp_path / "output" / "report.json").read_bytes())
    assert report["summary"]["value"] == trained.done.summary["accuracy"]
    assert report["contest"] is None
    assert report["differing"] == len(report["listed"]) == round(30 * (1 - report["summary"]["value"]))


def test_where_every_row_was_seen_there_is_nothing_to_judge_on(input_folder: Path, tmp_path: Path) -> None:
    frame = pl.read_parquet(input_folder / "data.parquet").with_columns(pl.lit("train").alias("split"))
    frame.write_parquet(input_folder / "all.parquet")
    candidate = Candidate(name="parts", folder="model", seen="all.parquet")
    with pytest.raises(Problem, match="Of the 30 test rows 0") as caught:
        evaluate(asked(candidate), folders(tmp_path, input_folder), Voice(io.BytesIO()))
    assert caught.value.code == "no_unseen_rows"


def test_what_writes_is_refused(tmp_path: Path) -> None:
    form = (TRANSLATION, "sentences")
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    with pytest.raises(Problem, match="not evaluated here"):
        evaluate(asked(form=form), folders(tmp_path, data), Voice(io.BytesIO()))


def test_a_customers_words_stay_words_in_the_page() -> None:
    task = TaskSpec(kind=TEXT_CLASSIFICATION, labels=HOSTILE)
    truth = np.arange(140) % len(HOSTILE)
    sides = [said(task, truth, np.roll(truth, step), None) for step in (0, 1)]
    frame = pl.DataFrame({"row": range(140), "text": ["x"] * 140, "label": [HOSTILE[at] for at in truth]})
    found = evaluated.evaluate(
        FORM, HOSTILE[:2], sides, list(range(140)), classes(Rows(frame=frame), form_of(*FORM)), {HOSTILE[1]: 3}
    )
    read = Read(page(found))
    assert not FORBIDDEN & set(read.tags)
    assert not [name for name, _ in read.attributes if name.startswith("on")]
    assert tiny.LABELS[0] not in read.text
    assert HOSTILE[0] in read.text
