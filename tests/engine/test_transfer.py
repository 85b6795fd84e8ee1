"""A fine-tune that starts from a model which was fine-tuned before."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForQuestionAnswering, AutoModelForSequenceClassification

from contracts.child import Event
from contracts.task import QUESTION_ANSWERING, TEXT_CLASSIFICATION, TEXT_MATCHING, TEXT_REGRESSION, TOKEN_CLASSIFICATION
from tests.engine import kinds
from tests.engine.engine import Outcome, run
from tests.engine.kinds import Form

LEARNT = kinds.rows((TEXT_CLASSIFICATION, "single-label"))


@pytest.fixture(scope="module")
def source(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Knows the three labels well."""
    place = tmp_path_factory.mktemp("source")
    form = (TEXT_CLASSIFICATION, "single-label")
    return run(kinds.spec(form, base, method="full"), kinds.version(place / "data", LEARNT), place)


def kept(outcome: Outcome) -> bool:
    return any(one.data.get("head") == "kept" for one in outcome.said(Event))


def test_with_the_same_labels_it_goes_on_where_the_other_ended(source: Outcome, base: Path, tmp_path: Path) -> None:
    form = (TEXT_CLASSIFICATION, "single-label")
    data = kinds.version(tmp_path / "data", kinds.rows(form, seed=1))
    few: dict[str, Any] = {"method": "full", "n_epochs": 1, "learning_rate": 1e-6}
    fresh = run(kinds.spec(form, base, **few), data, tmp_path / "fresh")
    again = run(kinds.spec(form, source.output, **few), data, tmp_path / "again")
    assert kept(again)
    assert not kept(fresh)
    assert again.metrics["model"]["accuracy"] > 0.9 > fresh.metrics["model"]["accuracy"]


def test_labels_of_the_same_number_and_other_names_start_anew(source: Outcome, tmp_path: Path) -> None:
    """A head taken over by its shape alone would answer with somebody else's classes."""
    form = (TEXT_CLASSIFICATION, "single-label")
    turned = {"cards": "fees", "fees": "loans", "loans": "pardon"}
    rows = [{**row, "label": turned[row["label"]]} for row in LEARNT]
    spec = kinds.spec(form, source.output, method="full", n_epochs=8, labels=("fees", "loans", "pardon"))
    outcome = run(spec, kinds.version(tmp_path / "data", rows), tmp_path)
    assert not kept(outcome)
    model = AutoModelForSequenceClassification.from_pretrained(outcome.output)
    assert set(model.config.label2id) == {"fees", "loans", "pardon"}
    assert outcome.metrics["model"]["accuracy"] > 0.9


def test_what_answers_questions_goes_on_answering_them(base: Path, tmp_path: Path) -> None:
    form = (QUESTION_ANSWERING, "extractive")
    first = run(
        kinds.spec(form, base, n_epochs=1, method="full"),
        kinds.version(tmp_path / "data", kinds.rows(form)),
        tmp_path / "first",
    )
    again = run(
        kinds.spec(form, first.output, n_epochs=1, learning_rate=1e-7, method="full"),
        tmp_path / "data",
        tmp_path / "again",
    )
    assert kept(again)
    one, other = (AutoModelForQuestionAnswering.from_pretrained(one.output) for one in (first, again))
    torch.testing.assert_close(one.qa_outputs.weight, other.qa_outputs.weight, atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "form",
    [
        (TEXT_CLASSIFICATION, "multi-label"),
        (TEXT_REGRESSION, "scored"),
        (TOKEN_CLASSIFICATION, "tagged"),
        (TEXT_MATCHING, "triples"),
        (QUESTION_ANSWERING, "extractive"),
    ],
    ids=lambda form: form[1],
)
def test_what_was_learnt_for_one_kind_is_a_base_for_another(source: Outcome, tmp_path: Path, form: Form) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    outcome = run(kinds.spec(form, source.output, n_epochs=1, learning_rate=1e-7, method="full"), data, tmp_path)
    ours, theirs = (AutoModelForSequenceClassification.from_pretrained(one.output) for one in (outcome, source))
    for name in ("query", "value"):
        one, other = (getattr(model.bert.encoder.layer[1].attention.self, name).weight for model in (ours, theirs))
        torch.testing.assert_close(one, other, atol=1e-4, rtol=0)


def test_an_encoder_other_than_bert_starts_its_head_anew_too(tmp_path: Path) -> None:
    from tests.engine.test_padded import distilbert_folder

    base = distilbert_folder(tmp_path / "base")
    form = (TEXT_CLASSIFICATION, "single-label")
    first = run(
        kinds.spec(form, base, method="full", n_epochs=2), kinds.version(tmp_path / "one", LEARNT), tmp_path / "first"
    )
    renamed = [{**row, "label": row["label"].upper()} for row in LEARNT]
    spec = kinds.spec(
        form, first.output, method="full", n_epochs=1, learning_rate=1e-7, labels=("CARDS", "FEES", "LOANS")
    )
    second = run(spec, kinds.version(tmp_path / "two", renamed), tmp_path / "second")
    ours, theirs = (AutoModelForSequenceClassification.from_pretrained(one.output) for one in (second, first))
    assert not torch.allclose(ours.classifier.weight, theirs.classifier.weight, atol=1e-3)
    torch.testing.assert_close(
        ours.distilbert.embeddings.word_embeddings.weight,
        theirs.distilbert.embeddings.word_embeddings.weight,
        atol=1e-4,
        rtol=0,
    )
