"""Every kind of texts the engine trains: it learns, its published files answer as was reported, its report says so."""

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import torch
from transformers import (
    AutoModel,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
)

from contracts import manifest
from contracts.fine_tune import ENCODED
from contracts.problems import Problem
from contracts.task import (
    OBJECTIVES,
    QUESTION_ANSWERING,
    TEXT_CLASSIFICATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TRAINED,
)
from tests.engine import kinds, tiny
from tests.engine.asking import asked, reached
from tests.engine.engine import Outcome, refused, run
from tests.engine.kinds import Form
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.checks import checked
from training.engine.loop import Interrupted
from training.engine.model import adapters
from training.engine.settings import choose
from training.engine.tasks import FORMS, kind_of
from training.engine.voice import Voice

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

SEVERAL = (TEXT_CLASSIFICATION, "multi-label")
SCORED = (TEXT_REGRESSION, "scored")
TAGGED = (TOKEN_CLASSIFICATION, "tagged")
PAIRS = (TEXT_MATCHING, "labelled-pairs")
SCORED_PAIRS = (TEXT_MATCHING, "scored-pairs")
ASKED = (QUESTION_ANSWERING, "extractive")
TRIPLES = (TEXT_MATCHING, "triples")

NEW = [form for form in FORMS if form[0] in ENCODED and form != (TEXT_CLASSIFICATION, "single-label")]


@pytest.fixture(scope="module")
def outcomes(base: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Outcome]:
    """A whole job of each kind. For reading only."""
    found = {}
    for form in NEW:
        place = tmp_path_factory.mktemp(form[1])
        data = kinds.version(place / "data", kinds.rows(form))
        found[form] = run(kinds.spec(form, base, method="full"), data, place)
    return found


def published(form: Form, folder: Path) -> list[Any]:
    """What a customer computes for the test rows with plain transformers, in the kind's own form."""
    test = [row for row in kinds.rows(form) if row["split"] == "test"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    if form == TAGGED:
        tagger = AutoModelForTokenClassification.from_pretrained(folder).eval()
        return [_tags(tagger, tokenizer, row["tokens"]) for row in test]
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    first, second = ("text_a", "text_b") if "text_a" in test[0] else ("text", None)
    texts = [[row[name] for row in test] for name in (first, second) if name]
    with torch.no_grad():
        logits = model(**tokenizer(*texts, padding=True, return_tensors="pt")).logits
    if form == SEVERAL:
        named = [model.config.id2label[index] for index in range(logits.shape[1])]
        return [sorted(label for label, one in zip(named, row, strict=True) if one >= 0) for row in logits]
    if logits.shape[1] == 1:
        return list(logits[:, 0].tolist())
    return [model.config.id2label[index] for index in logits.argmax(1).tolist()]


def _tags(model: Any, tokenizer: Any, words: list[str]) -> list[str]:
    encoded = tokenizer(words, is_split_into_words=True, return_tensors="pt")
    with torch.no_grad():
        best = model(**encoded).logits[0].argmax(1).tolist()
    first = {word: place for place, word in reversed(list(enumerate(encoded.word_ids()))) if word is not None}
    return [model.config.id2label[best[first[word]]] for word in range(len(words))]


def truth(form: Form, role: str) -> list[Any]:
    return [row[role] for row in kinds.rows(form) if row["split"] == "test"]


def test_what_the_service_accepts_is_what_the_engine_trains() -> None:
    objectives = {(name, form.name) for name, forms in OBJECTIVES.items() for form in forms}
    assert set(FORMS) == {*TRAINED, *objectives} == set(kinds.MAKERS)


@pytest.mark.parametrize("form", NEW, ids=lambda form: form[1])
def test_a_job_ends_with_a_sealed_model_that_beats_its_constant(outcomes: dict[Form, Outcome], form: Form) -> None:
    outcome = outcomes[form]
    about = manifest.verify(outcome.output).about
    assert about["task"] == form[0]
    compared = outcome.metrics["compared"]
    assert compared["intervals"][0][0] <= compared["model"] <= compared["intervals"][0][1]
    assert str(outcome.done.summary["sentence"]).startswith("The model reaches")
    assert {"beats_baseline", "test_rows", "train_seconds", "method"} <= outcome.done.summary.keys()
    assert (outcome.output / "report.html").stat().st_size > 10_000


@pytest.mark.parametrize("form", NEW, ids=lambda form: "-".join(form))
def test_the_files_say_the_same_when_they_are_asked_again(outcomes: dict[Form, Outcome], form: Form) -> None:
    said = asked(outcomes[form], form)
    assert reached(said) == pytest.approx(outcomes[form].metrics["compared"]["model"])
    assert len(said.truth()) == len(said.answers()) == len(said.loss) == said.rows == 36


def test_several_labels_are_found_and_the_files_answer_so(outcomes: dict[Form, Outcome]) -> None:
    answers, right = published(SEVERAL, outcomes[SEVERAL].output), truth(SEVERAL, "labels")
    accuracy = sum(one == other for one, other in zip(answers, right, strict=True)) / len(right)
    assert outcomes[SEVERAL].done.summary["accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.8
    assert any(len(one) == 0 for one in answers), "a row may have none"
    assert any(len(one) == 3 for one in answers)


def test_numbers_are_answered_in_the_customers_unit(outcomes: dict[Form, Outcome]) -> None:
    answers, right = torch.tensor(published(SCORED, outcomes[SCORED].output)), torch.tensor(truth(SCORED, "score"))
    rmse = float((answers - right).square().mean().sqrt())
    assert outcomes[SCORED].done.summary["rmse"] == pytest.approx(rmse, rel=1e-3)
    assert rmse < 0.5 * float(right.std())
    assert outcomes[SCORED].done.summary["constant_rmse"] == pytest.approx(float(right.std(correction=0)), rel=0.05)


def test_words_are_tagged_and_the_files_answer_so(outcomes: dict[Form, Outcome]) -> None:
    answers, right = published(TAGGED, outcomes[TAGGED].output), truth(TAGGED, "tags")
    words = [pair for one, other in zip(answers, right, strict=True) for pair in zip(one, other, strict=True)]
    accuracy = sum(one == other for one, other in words) / len(words)
    assert outcomes[TAGGED].done.summary["accuracy"] == pytest.approx(accuracy)
    assert float(outcomes[TAGGED].done.summary["entity_f1"] or 0) > 0.75


def test_of_a_pair_both_texts_are_read(outcomes: dict[Form, Outcome]) -> None:
    answers, right = published(PAIRS, outcomes[PAIRS].output), truth(PAIRS, "label")
    accuracy = sum(one == other for one, other in zip(answers, right, strict=True)) / len(right)
    assert outcomes[PAIRS].done.summary["accuracy"] == pytest.approx(accuracy)
    assert accuracy > 0.8


def test_words_of_a_context_answer_what_is_asked(outcomes: dict[Form, Outcome]) -> None:
    """How customers get them from the files: `test_question_answering`."""
    metrics = outcomes[ASKED].metrics
    assert metrics["model"]["f1"] > 0.8 > 0.3 > metrics["baseline"]["f1"]
    by_length = {one["name"]: one["f1"] for one in metrics["groups"]["answer_words"]}
    assert by_length["no answer"] > 0.5 < by_length["1 word"]


def vectors(folder: Path, texts: list[str]) -> torch.Tensor:
    """(N, width): as modules.json says, the mean of the tokens' states, brought to length 1."""
    model, tokenizer = AutoModel.from_pretrained(folder).eval(), AutoTokenizer.from_pretrained(folder)
    encoded = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**encoded).last_hidden_state
    mask = encoded["attention_mask"][:, :, None]
    return torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)


def test_likeness_is_a_cosine_that_a_line_brings_into_the_customers_unit(outcomes: dict[Form, Outcome]) -> None:
    output = outcomes[SCORED_PAIRS].output
    first, second = (vectors(output, truth(SCORED_PAIRS, role)) for role in ("text_a", "text_b"))
    line = json.loads((output / "task.json").read_bytes())["options"]
    answers = (first * second).sum(1) * line["slope"] + line["offset"]
    right = torch.tensor(truth(SCORED_PAIRS, "score"))
    summary = outcomes[SCORED_PAIRS].done.summary
    assert summary["rmse"] == pytest.approx(float((answers - right).square().mean().sqrt()), rel=1e-3)
    assert float(summary["spearman"] or 0) > 0.7
    parts = json.loads((output / "modules.json").read_bytes())
    assert [part["type"].rsplit(".", 1)[1] for part in parts] == ["Transformer", "Pooling", "Normalize"]


def test_the_right_text_is_the_nearest_by_the_published_vectors(outcomes: dict[Form, Outcome]) -> None:
    output, summary = outcomes[TRIPLES].output, outcomes[TRIPLES].done.summary
    query, positive, negative = (vectors(output, truth(TRIPLES, role)) for role in ("query", "positive", "negative"))
    nearer = ((query * positive).sum(1) > (query * negative).sum(1)).float().mean()
    assert summary["accuracy"] == pytest.approx(float(nearer))
    assert nearer > 0.9
    texts = truth(TRIPLES, "positive") + truth(TRIPLES, "negative")
    assert outcomes[TRIPLES].metrics["texts"] == len(set(texts))


@pytest.mark.parametrize("form", [SCORED_PAIRS, TRIPLES], ids=lambda form: form[1])
def test_a_batch_that_goes_in_parts_has_the_gradients_of_the_whole(base: Path, tmp_path: Path, form: Form) -> None:
    """Though its rows are compared with each other."""
    spec = kinds.spec(form, base, method="full")
    data = kinds.version(tmp_path, kinds.rows(form))
    kind = kind_of(spec.task)
    described, splits = checked(kind, spec, data)
    chosen = choose(spec, described, train_rows=120, bfloat16=False, threads=1)
    work = kind.begin(spec, described, splits, chosen, Voice(io.BytesIO()))
    rows = list(range(16))
    found = []
    for parts in ([rows], [rows[:3], rows[3:9], rows[9:]]):
        work.module.zero_grad()
        losses = [work.loss(part, rows) for part in parts]
        for loss in losses:
            loss.backward()  # type: ignore[no-untyped-call]
        gradients = [one.grad.flatten() for one in work.module.parameters() if one.grad is not None]
        found.append((sum(loss.item() for loss in losses), torch.cat(gradients)))
    (whole, at_once), (summed, in_parts) = found
    assert summed == pytest.approx(whole, rel=1e-5)
    torch.testing.assert_close(in_parts, at_once, atol=1e-5, rtol=1e-3)


@pytest.mark.parametrize(
    ("form", "method"),
    [
        *((form, "lora") for form in NEW),
        *((form, "upper_layers") for form in (TAGGED, TRIPLES, ASKED)),
        *((form, "head") for form in (TAGGED, SCORED)),
        (TRIPLES, "ia3"),
    ],
    ids=lambda one: one if isinstance(one, str) else one[1],
)
def test_each_kind_is_trained_by_other_methods(base: Path, tmp_path: Path, form: Form, method: str) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    outcome = run(kinds.spec(form, base, method=method, n_epochs=2), data, tmp_path)
    assert outcome.done.summary["method"] == method
    assert (outcome.output / "adapter").is_dir() == (method in adapters.METHODS)


@pytest.mark.parametrize("form", [TAGGED, SCORED, TRIPLES, ASKED], ids=lambda form: form[1])
def test_a_training_that_goes_on_ends_like_one_that_never_stopped(base: Path, tmp_path: Path, form: Form) -> None:
    spec = kinds.spec(form, base, n_epochs=2)
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(5))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(run(spec, data, tmp_path / "whole"))


def test_words_beyond_the_longest_text_are_answered_o_and_counted(base: Path, tmp_path: Path) -> None:
    made = kinds.rows(TAGGED)
    long = [{**row, "tokens": row["tokens"] * 12, "tags": row["tags"] * 12} for row in made]
    data = kinds.version(tmp_path / "data", long)
    outcome = run(kinds.spec(TAGGED, base, n_epochs=8, max_length=16), data, tmp_path)
    assert outcome.metrics["model"]["recall"] < 0.5 < outcome.metrics["model"]["precision"]


FAULTY: list[tuple[Form, dict[str, Any], str, str]] = [
    (SEVERAL, {"labels": ["cards", "taxes"]}, "unknown_label", "'taxes'"),
    (TAGGED, {"tokens": ["a", "b"], "tags": ["B-taxes", "O"]}, "unknown_label", "'taxes'"),
    (SCORED, {"score": None}, "missing_value", "have no score, the first is row 3"),
    (PAIRS, {"label": "taxes"}, "unknown_label", "the first is row 3"),
    (SCORED_PAIRS, {"text_b": None}, "missing_value", "have no text_b"),
]


@pytest.mark.parametrize(("form", "cell", "code", "words"), FAULTY, ids=[f"{one[0][1]}-{one[2]}" for one in FAULTY])
def test_what_cannot_be_learnt_is_named_by_its_row(
    base: Path, tmp_path: Path, form: Form, cell: dict[str, Any], code: str, words: str
) -> None:
    made = kinds.rows(form)
    made[2] = {**made[2], **cell}
    problem = refused(kinds.spec(form, base), kinds.version(tmp_path / "data", made), tmp_path)
    assert (problem.code, words in problem.message) == (code, True)


def test_numbers_that_are_all_alike_are_refused(base: Path, tmp_path: Path) -> None:
    made = [{**row, "score": 3.0} for row in kinds.rows(SCORED)]
    spec = kinds.spec(SCORED, base, label_smoothing=0.1)
    with pytest.raises(Problem) as caught:
        checked(kind_of(spec.task), spec, kinds.version(tmp_path, made))
    assert [one.code for one in caught.value.faults] == ["not_for_this_form", "one_value"]


def test_a_text_that_the_tokenizer_leaves_nothing_of_harms_nobody(base: Path, tmp_path: Path) -> None:
    """Control characters and lone marks: words without a token."""
    made = kinds.rows(TAGGED)
    made[0] = {**made[0], "tokens": ["\u200b"], "tags": ["O"]}
    made[-1] = {**made[-1], "tokens": ["\u200b", "card"], "tags": ["O", "B-cards"]}
    outcome = run(kinds.spec(TAGGED, base, batch_size=1, n_epochs=1), kinds.version(tmp_path, made), tmp_path)
    assert pl.read_parquet(tmp_path / "data.parquet").height == outcome.metrics["rows"]["train"] + 60
