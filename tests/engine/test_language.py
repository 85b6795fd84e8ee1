"""Bases that learn from texts alone: what is hidden, what is foretold, and that others start from them."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoTokenizer

from contracts import manifest
from contracts.child import Event
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.task import (
    CAUSAL_LANGUAGE,
    MASKED_LANGUAGE,
    TEXT_CLASSIFICATION,
    TEXT_GENERATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
)
from tests.engine import kinds, tiny, writers
from tests.engine.engine import Outcome, refused, run
from tests.engine.kinds import Form
from tests.engine.test_padded import distilbert_folder
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.data import blocks, masking, pieces
from training.engine.data.masking import covered, covers, hidden_in_judging, varied
from training.engine.data.tokens import NO_WORD
from training.engine.loop import Interrupted
from training.engine.model.base import fills_words, inspect

MASKED, CAUSAL = (MASKED_LANGUAGE, "texts"), (CAUSAL_LANGUAGE, "texts")
TEXTS = ["card fee unseen card", "", "why is my loan rate new today", "charge " * 50]
TOKENIZER = tiny.tokenizer()


def asked(form: Form, base: Path, **more: Any) -> FineTuneSpec:
    options = {"tokenizer": more.pop("tokenizer")} if "tokenizer" in more else {}
    spec = kinds.spec(form, base, **{"n_epochs": 6, **more})
    return replace(spec, task=replace(spec.task, options=options))


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.version(tmp_path_factory.mktemp("unlabelled"), kinds.rows(MASKED))


@pytest.fixture(scope="module")
def decoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return writers.decoder(tmp_path_factory.mktemp("decoder"))


@pytest.fixture(scope="module")
def masked(base: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(asked(MASKED, base), data, tmp_path_factory.mktemp("masked"))


@pytest.fixture(scope="module")
def causal(decoder: Path, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    return run(asked(CAUSAL, decoder), data, tmp_path_factory.mktemp("causal"))


def test_nothing_of_a_text_is_cut_off() -> None:
    found = pieces.read(TOKENIZER, TEXTS, max_length=16)
    for index, text in enumerate(TEXTS):
        mine = [piece for piece, of in enumerate(found.texts) if of == index]
        ids = [one for piece in mine for one in _ids(found, piece)[1:-1]]
        assert ids == TOKENIZER(text, add_special_tokens=False)["input_ids"]
        assert all(len(_ids(found, piece)) <= 16 for piece in mine)
    assert torch.bincount(found.owners, minlength=4).tolist() == [4, 0, 7, 50]


def _ids(found: pieces.Pieces, piece: int) -> list[int]:
    start, end = found.tokens.offsets[piece : piece + 2]
    return found.tokens.ids[start:end].tolist()


def test_words_are_hidden_whole_eight_in_ten_under_the_mask_and_anew_each_epoch() -> None:
    read = pieces.read(TOKENIZER, ["unseen fee mortgage word"] * 2_000, max_length=64)
    known, found = torch.ones(8_000, dtype=torch.bool), covers(TOKENIZER)
    shown = varied(read, known, found, seed=3, epoch=1)
    assert shown.words is not None
    hidden = set(shown.words[shown.words != NO_WORD].tolist())
    assert 0.13 < len(hidden) / 8_000 < 0.17
    fates = Counter[str]()
    for word in hidden:
        tokens = read.words == word
        assert (shown.words[tokens] == word).all(), "with all its tokens"
        ids, before = shown.ids[tokens], read.tokens.ids[tokens]
        fates["masked" if (ids == found.mask).all() else "same" if (ids == before).all() else "swapped"] += 1
    assert [round(10 * fates[name] / len(hidden)) for name in ("masked", "swapped", "same")] == [8, 1, 1]
    assert (shown.ids == read.tokens.ids)[shown.words == NO_WORD].all(), "what is not asked stands as it is"
    again, other = (varied(read, known, found, seed=3, epoch=epoch) for epoch in (1, 2))
    assert torch.equal(again.ids, shown.ids)
    assert not torch.equal(other.ids, shown.ids)


def test_where_a_model_is_judged_the_same_share_of_each_text_is_hidden() -> None:
    read = pieces.read(TOKENIZER, TEXTS, max_length=16)
    known = masking.known(read, TOKENIZER)
    hidden = hidden_in_judging(read, known)
    assert torch.bincount(read.owners[hidden], minlength=4).tolist() == [1, 0, 2, 8]
    assert torch.equal(hidden, hidden_in_judging(read, known))
    shown = covered(read, hidden, covers(TOKENIZER))
    assert shown.words is not None
    assert (shown.ids[shown.words != NO_WORD] == TOKENIZER.mask_token_id).all()


def test_texts_stand_one_behind_the_other_in_full_blocks() -> None:
    made = writers.tokenizer()
    stream = blocks.read(made, TEXTS, opening=1, length=15)
    found = blocks.blocks(stream, list(range(len(stream))), length=15)
    assert [one + other for one, other in zip(found.asked.lengths, found.written.lengths, strict=True)][:-1] == [16] * (
        len(found) - 1
    )
    whole = [one for text in TEXTS for one in [*made(text, add_special_tokens=False)["input_ids"], made.eos_token_id]]
    assert found.written.ids.tolist() == whole


def test_hidden_words_are_foretold_as_was_reported(masked: Outcome, data: Path) -> None:
    """By plain transformers, each word that was hidden among those around it."""
    model: Any = AutoModelForMaskedLM.from_pretrained(masked.output)
    tokenizer = AutoTokenizer.from_pretrained(masked.output)
    texts = [row["text"] for row in kinds.rows(MASKED) if row["split"] == "test"]
    read = pieces.read(tokenizer, texts, max_length=64)
    shown = covered(read, hidden_in_judging(read, masking.known(read, tokenizer)), covers(tokenizer))
    nats, right, count = 0.0, 0, 0
    for piece, (start, end) in enumerate(zip(shown.offsets, shown.offsets[1:], strict=False)):
        places = [at for at in range(end - start) if shown.words is not None and shown.words[start + at] != NO_WORD]
        with torch.no_grad():
            logits = model(input_ids=shown.ids[start:end][None]).logits[0, places]
        truth = torch.tensor([_ids(read, piece)[at] for at in places])
        nats, count = nats + float(F.cross_entropy(logits, truth, reduction="sum")), count + len(places)
        right += int((logits.argmax(1) == truth).sum())
    summary = masked.done.summary
    assert summary["perplexity"] == pytest.approx(math.exp(nats / count), rel=0.02)
    assert summary["accuracy"] == pytest.approx(right / count, abs=0.02)
    assert masked.metrics["foretold"] == count
    assert float(summary["perplexity"] or 0) < 0.8 * float(summary["baseline_perplexity"] or 0)


def test_texts_are_gone_on_with_as_was_reported(causal: Outcome) -> None:
    model: Any = AutoModelForCausalLM.from_pretrained(causal.output)
    tokenizer = AutoTokenizer.from_pretrained(causal.output)
    nats, count = 0.0, 0
    for row in kinds.rows(MASKED):
        if row["split"] == "test":
            ids = torch.tensor([[*tokenizer(row["text"]).input_ids, tokenizer.eos_token_id]])
            with torch.no_grad():
                nats += float(model(input_ids=ids, labels=ids).loss) * (ids.shape[1] - 1)
            count += ids.shape[1] - 1
    summary = causal.done.summary
    assert summary["perplexity"] == pytest.approx(math.exp(nats / count), rel=0.02)
    assert float(summary["perplexity"] or 0) < 0.5 * float(summary["baseline_perplexity"] or 0)
    assert tokenizer.chat_template is None, "no prompt was learnt"


@pytest.mark.parametrize("name", ["masked", "causal"])
def test_what_comes_out_is_sealed_and_told(name: str, request: pytest.FixtureRequest) -> None:
    outcome: Outcome = request.getfixturevalue(name)
    about = manifest.verify(outcome.output).about
    assert about["task"] in (MASKED_LANGUAGE, CAUSAL_LANGUAGE)
    low, high = outcome.metrics["figures"]["perplexity"]["intervals"][0]
    assert low < outcome.metrics["figures"]["perplexity"]["model"] < high
    page = (outcome.output / "report.html").read_text()
    assert "Pre-trained from tiny" in page
    assert "How well texts are foretold" in page
    assert "pre-trained" in (outcome.output / "README.md").read_text().lower()


def test_from_nothing_a_language_model_learns_tokenizer_and_all(data: Path, tmp_path: Path) -> None:
    with writers.small():
        spec = replace(asked(CAUSAL, tmp_path), base=BaseModel(name="small", location="scratch:decoder-small"))
        outcome = run(spec, data, tmp_path)
    assert outcome.metrics["compared"]["name"] == "token frequencies"
    assert outcome.metrics["compared"]["model"] < outcome.metrics["compared"]["baseline"]


def test_words_that_were_cut_up_become_tokens_and_compare_with_the_base(base: Path, tmp_path: Path) -> None:
    rows = [{**row, "text": f"{row['text']} Chargeback unusualness"} for row in kinds.rows(MASKED)]
    data = kinds.version(tmp_path / "data", rows)
    kept = run(asked(MASKED, base, n_epochs=1), data, tmp_path / "kept")
    outcome = run(asked(MASKED, base, tokenizer="extend", n_epochs=1), data, tmp_path / "extended")
    (told,) = [one for one in outcome.said(Event) if "words" in one.data]
    assert told.data["words"] == 2
    tokenizer = AutoTokenizer.from_pretrained(outcome.output)
    assert tokenizer.tokenize("chargebacks unusualness") == ["chargeback", "##s", "unusualness"]
    model = AutoModelForMaskedLM.from_pretrained(outcome.output)
    assert model.get_input_embeddings().weight.shape[0] == len(tokenizer) == len(TOKENIZER) + 2
    for metric in ("perplexity", "accuracy"):  # the same words in the same unit: the base is judged alike in both
        ours, other = (one.metrics["figures"][metric]["baseline"] for one in (outcome, kept))
        assert ours == pytest.approx(other)
    assert fills_words(inspect(BaseModel(name="own", location=str(outcome.output)))), "the next one keeps its head"


def test_any_encoder_learns_and_starts_its_head_anew(tmp_path: Path, data: Path) -> None:
    base = distilbert_folder(tmp_path / "base")
    outcome = run(asked(MASKED, base, n_epochs=3), data, tmp_path)
    first, *_, last = (one["valid_loss"] for one in outcome.metrics["history"])
    assert last < first
    assert AutoModelForMaskedLM.from_pretrained(outcome.output).config.model_type == "distilbert"


@pytest.mark.parametrize(
    ("form", "source", "whole"), [(MASKED, "base", "masked"), (CAUSAL, "decoder", "causal")], ids=["masked", "causal"]
)
def test_a_training_that_goes_on_ends_like_one_that_never_stopped(
    form: Form, source: str, whole: str, data: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    spec = asked(form, request.getfixturevalue(source))
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(10))  # in the middle of the second epoch
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(request.getfixturevalue(whole))


@pytest.mark.parametrize(
    "form",
    [
        (TEXT_CLASSIFICATION, "single-label"),
        (TEXT_REGRESSION, "scored"),
        (TOKEN_CLASSIFICATION, "tagged"),
        (TEXT_MATCHING, "triples"),
    ],
    ids=lambda form: form[1],
)
def test_every_kind_of_an_encoder_starts_from_it(masked: Outcome, tmp_path: Path, form: Form) -> None:
    spec = kinds.spec(form, masked.output, n_epochs=1, learning_rate=1e-7, method="full")
    outcome = run(spec, kinds.version(tmp_path / "data", kinds.rows(form)), tmp_path)
    ours, theirs = (_query(one.output) for one in (outcome, masked))
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def _query(folder: Path) -> torch.Tensor:
    model: Any = AutoModelForMaskedLM.from_pretrained(folder)
    found: torch.Tensor = model.bert.encoder.layer[1].attention.self.query.weight.detach()
    return found


def test_a_writer_starts_from_what_went_on_with_texts(causal: Outcome, tmp_path: Path) -> None:
    form = (TEXT_GENERATION, "instructed")
    spec = kinds.spec(form, causal.output, n_epochs=1, learning_rate=1e-7, method="full")
    outcome = run(spec, kinds.version(tmp_path / "data", kinds.rows(form)), tmp_path)
    ours, theirs = (AutoModelForCausalLM.from_pretrained(one.output) for one in (outcome, causal))
    torch.testing.assert_close(ours.lm_head.weight, theirs.lm_head.weight, atol=1e-4, rtol=0)


def blank(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "text": " "}


def same(row: dict[str, Any]) -> dict[str, Any]:
    return row


@pytest.mark.parametrize(
    ("form", "source", "options", "changed", "codes"),
    [
        (CAUSAL, "base", {}, same, ["wrong_base_for_task"]),
        (MASKED, "decoder", {}, blank, ["wrong_base_for_task", "empty_text", "one_value"]),
        (CAUSAL, "decoder", {"tokenizer": "extend"}, blank, ["not_for_this_objective", "empty_text", "one_value"]),
        (MASKED, "base", {"tokenizer": "anew"}, same, ["invalid_choice"]),
    ],
)
def test_what_cannot_be_learnt_is_told_at_once(
    form: Form,
    source: str,
    options: dict[str, str],
    changed: Callable[[dict[str, Any]], dict[str, Any]],
    codes: list[str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    rows = [changed(row) for row in kinds.rows(form)]
    spec = asked(form, request.getfixturevalue(source), **options)
    problem = refused(spec, kinds.version(tmp_path / "data", rows), tmp_path)
    assert [fault.code for fault in problem.faults] == codes
