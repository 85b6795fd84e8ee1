"""Questions about a context: windows, what counts as right, and that plain transformers answers as was reported."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import BertConfig, BertForQuestionAnswering

from contracts.child import Event
from contracts.problems import Problem
from contracts.task import QUESTION_ANSWERING
from tests.engine import documented, kinds, tiny
from tests.engine.engine import Outcome, run
from tests.engine.kinds import Form, Row
from training.engine.checks import checked
from training.engine.data import passages
from training.engine.judging import answers, sliding
from training.engine.judging.answers import Asked
from training.engine.tasks import kind_of, question_answering

FORM: Form = (QUESTION_ANSWERING, "extractive")
CONTEXT = "my card is new the loan rate is about a fee today please the pin is extra"


def rows() -> list[Row]:
    """Of every third row the context is longer than what is read at once."""
    made = kinds.rows(FORM)
    return [
        {**row, "context": f"{row['context']} {' '.join(kinds.FILLER * 2)}"} if at % 3 == 0 else row
        for at, row in enumerate(made)
    ]


@pytest.fixture(scope="module")
def outcome(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole job. For reading only."""
    place = tmp_path_factory.mktemp("extractive")
    spec = kinds.spec(FORM, base, method="full", max_length=20, n_epochs=8)
    done = run(spec, kinds.version(place / "data", rows()), place)
    done.output.rename(place / "model")
    return Outcome(output=place / "model", work=done.work, messages=done.messages)


def test_plain_transformers_answers_as_was_reported(outcome: Outcome) -> None:
    answer = documented.run("AutoModelForQuestionAnswering", beside=outcome.output)["answer"]
    test = [row for row in rows() if row["split"] == "test"]
    right = sum(answer(row["question"], row["context"]) == row["answer"] for row in test)
    assert outcome.metrics["model"]["exact_match"] == pytest.approx(right / len(test))
    assert 0 < right < len(test)


def test_what_is_read_in_windows_is_told(outcome: Outcome) -> None:
    (said,) = (one for one in outcome.said(Event) if "windows" in one.message)
    assert "contexts are longer than the 20 tokens" in said.message
    page = (outcome.output / "report.html").read_text(encoding="utf-8")
    assert "By what was asked" in page
    assert all(row["context"] not in page for row in rows())


def found(question: str = "what is", context: str = CONTEXT, *, max_length: int = 16) -> passages.Windows:
    return passages.windows(tiny.tokenizer(), [question], [context], max_length=max_length)


def test_windows_cover_the_context_and_each_has_the_question() -> None:
    cut = found()
    assert len(cut) > 1
    assert max(cut.lengths) == 16
    question = tiny.tokenizer()("what is").input_ids
    covered = set[int]()
    for window in range(len(cut)):
        start = cut.offsets[window]
        assert cut.ids[start : start + len(question)].tolist() == question
        for place in cut.pointed(window)[1:].tolist():
            covered |= set(range(int(cut.begins[place]), int(cut.ends[place])))
    assert covered == {at for at, sign in enumerate(CONTEXT) if sign != " "}


def test_a_question_longer_than_a_fourth_is_cut_and_counted() -> None:
    assert found("why is the new card not a loan today please").truncated == 1
    assert found("why is", max_length=8).truncated == 0


@pytest.mark.parametrize("answer", ["loan rate", "pin", "my card", "extra"])
def test_the_best_span_of_all_windows_is_where_the_answer_is(answer: str) -> None:
    cut = found()
    truth = passages.pointing(cut, [question_answering.spans(CONTEXT, answer)])
    sure = 10 * truth[:, 1:].float()
    (span,) = passages.best_spans(cut, sure, most=2, blank=False)
    assert CONTEXT[slice(*span)] == answer
    assert passages.longest(cut, truth) == len(answer.split())


def test_a_window_without_the_answer_points_at_its_first_token() -> None:
    cut = found()
    truth = passages.pointing(cut, [question_answering.spans(CONTEXT, "extra")])
    assert truth[cut.offsets[0]].tolist() == [0, 1, 1]
    assert truth[: cut.offsets[1], 1:].sum() == 2
    nothing = passages.pointing(cut, [question_answering.spans(CONTEXT, "")])
    assert passages.best_spans(cut, nothing[:, 1:].float(), most=2, blank=True) == [(0, 0)]


def test_an_answer_is_looked_for_as_whole_words_first() -> None:
    assert question_answering.spans("15 of 5, 5%", "5") == [(6, 7), (9, 10)]
    assert question_answering.spans("recharged", "charge") == [(2, 8)]
    assert question_answering.spans("北京是中国的首都", "中国") == [(3, 5)]


def test_the_loss_is_transformers_own_where_one_place_is_right() -> None:
    cut = found(max_length=64)
    truth = passages.pointing(cut, [question_answering.spans(CONTEXT, "loan rate")])
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = BertForQuestionAnswering(
            BertConfig(
                vocab_size=200, hidden_size=8, num_attention_heads=1, num_hidden_layers=1, intermediate_size=8,
                hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
            )
        )  # fmt: skip
    asks = cut.pointed(0)
    with torch.no_grad():
        said = model(cut.ids[None])
    logits = torch.stack([said.start_logits[0], said.end_logits[0]], dim=1)[asks]
    ours = question_answering.loss(logits, truth[asks], smoothing=0.0, weights=None)
    start, end = (int(torch.nonzero(truth[asks, side])) for side in (1, 2))
    theirs = [
        torch.nn.functional.cross_entropy(logits[:, side], torch.tensor(at)) for side, at in ((0, start), (1, end))
    ]
    assert float(ours) == pytest.approx(float(sum(theirs)) / 2, rel=1e-5)
    several = truth.clone()
    several[asks[-1], 1:] = 1
    assert question_answering.loss(logits, several[asks], smoothing=0.0, weights=None) < ours


@pytest.mark.parametrize(
    ("said", "right", "exact", "f1"),
    [
        ("The Norman Conquest!", {"norman conquest"}, 1.0, 1.0),
        ("in the 10th century", {"10th century", "the 10th"}, 0.0, 0.8),
        ("", {""}, 1.0, 1.0),
        ("something", {""}, 0.0, 0.0),
        ("A", {"a"}, 1.0, 1.0),
        ("", {"A"}, 0.0, 0.0),
        ("中国北京", {"北京"}, 0.0, 2 / 3),
    ],
)
def test_answers_are_marked_as_squad_marks_them(said: str, right: set[str], exact: float, f1: float) -> None:
    marks = answers.marks(Asked(questions=["?"], right=[right], numbers=[1]), [said])
    assert marks.value("exact_match") == exact
    assert marks.value("f1") == pytest.approx(f1)


def test_the_baseline_looks_around_the_questions_words() -> None:
    train = Asked(questions=["Who invented the telephone?"], right=[{"Bell"}], numbers=[1])
    asked = Asked(questions=["Where does the queen live?"], right=[{"palace"}], numbers=[2])
    context = "The king has a boat and many friends. In her palace does the queen live."
    plain = sliding.answers(train, ["Bell invented the telephone"], asked, [context])
    assert plain.name == "sliding window"
    assert plain.best == ["palace"]
    assert plain.constant == ["The"]


def test_what_cannot_be_learnt_is_told_at_once(base: Path, tmp_path: Path) -> None:
    made: list[dict[str, Any]] = [{**row, "answer": ""} for row in kinds.rows(FORM)]
    made[2] = {**made[2], "answer": "Paris", "split": "test"}
    made[3] = {**made[3], "question": " "}
    spec = kinds.spec(FORM, base, metric="bleu", label_smoothing=0.1)
    with pytest.raises(Problem) as caught:
        checked(kind_of(spec.task), spec, kinds.version(tmp_path, made))
    told = {one.code: one.message for one in caught.value.faults}
    assert told.keys() == {
        "unknown_metric", "not_for_this_form", "empty_text", "answer_not_in_context", "no_answer"
    }  # fmt: skip
    assert (
        "1 row(s) have an answer that does not stand in their context letter by letter, the first is row 3"
        in (told["answer_not_in_context"])
    )
