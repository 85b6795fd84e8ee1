"""Models that were trained before, cut and taught again: plain transformers loads them and finds what was reported."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoModelForTokenClassification, AutoTokenizer

from contracts import manifest
from contracts.child import Event
from contracts.compression import Compression, faults_of_compression
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.problems import Problem
from contracts.task import TEXT_REGRESSION, TOKEN_CLASSIFICATION
from tests.engine import kinds, tiny
from tests.engine.engine import Outcome, folders, run, spoken
from tests.engine.kinds import Form
from tests.engine.test_compression import session_logits
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.compress import student
from training.engine.compress.alone import compress_model
from training.engine.loop import Interrupted
from training.engine.voice import Voice

TEXTS = [text for text, _, split in tiny.rows() if split == "test"]
TRUTH = [label for _, label, split in tiny.rows() if split == "test"]
DROP: dict[str, Any] = {"method": "layer_drop", "layers": 2, "epochs": 2}
ANY = {"max_loss": 100.0, "min_speedup": 0.0}


def spec(model: Path, **asked: Any) -> FineTuneSpec:
    return tiny.spec(model, method="full", compression=Compression(**{**ANY, **asked}), n_epochs=None)


def compressed(asked: FineTuneSpec, data: Path, place: Path, *, stop: Callable[[], bool] = lambda: False) -> Outcome:
    stream, where = io.BytesIO(), folders(place, data)
    compress_model(asked, where, Voice(stream), stop)
    return Outcome(output=where.output, work=where.work, messages=spoken(stream.getvalue()))


def accuracy(answers: list[str]) -> float:
    return float(np.mean([one == other for one, other in zip(answers, TRUTH, strict=True)]))


def answers(folder: Path) -> list[str]:
    """As a customer would compute them."""
    model, tokenizer = AutoModelForSequenceClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        best = model(**tokenizer(TEXTS, padding=True, return_tensors="pt")).logits.argmax(1).tolist()
    return [model.config.id2label[index] for index in best]


@pytest.fixture(scope="module")
def dropped(trained: Outcome, data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """For reading only."""
    return compressed(spec(trained.output, **DROP), data, tmp_path_factory.mktemp("dropped"))


def test_a_model_with_fewer_layers_is_loaded_as_its_configuration_says(trained: Outcome, dropped: Outcome) -> None:
    summary, model = dropped.done.summary, AutoModelForSequenceClassification.from_pretrained(dropped.output)
    assert len(model.bert.encoder.layer) == model.config.num_hidden_layers == 2
    assert summary["compressed_metric"] == pytest.approx(accuracy(answers(dropped.output)))
    assert summary["original_metric"] == pytest.approx(accuracy(answers(trained.output)))
    assert summary["compressed_bytes"] == (dropped.output / "model.safetensors").stat().st_size
    assert float(summary["compressed_bytes"] or 0) < float(summary["original_bytes"] or 0)
    assert manifest.verify(dropped.output).about["compression"] == summary["compression"] == "layer_drop to 2 layers"
    report = (dropped.output / "report.html").read_text()
    assert report.count("<h2>How it learnt</h2>") == 1
    assert "Compressed from tiny" in report


def test_one_that_goes_on_ends_like_one_that_never_stopped(
    trained: Outcome, dropped: Outcome, data: Path, tmp_path: Path
) -> None:
    asked = spec(trained.output, **DROP)
    with pytest.raises(Interrupted):
        compressed(asked, data, tmp_path / "first", stop=After(5))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = compressed(replace(asked, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(dropped)


def test_another_base_learns_what_the_original_says_and_becomes_a_graph_of_8_bits(
    trained: Outcome, base: Path, data: Path, tmp_path: Path
) -> None:
    asked = replace(
        spec(trained.output, method="distillation", student="tiny", epochs=6, then="static_int8"),
        student=BaseModel(name="tiny", location=str(base)),
    )
    found = compressed(asked, data, tmp_path)
    labels = AutoModelForSequenceClassification.from_pretrained(found.output).config.id2label
    best = [labels[index] for index in session_logits(found.output, TEXTS).argmax(1).tolist()]
    assert found.done.summary["compressed_metric"] == pytest.approx(accuracy(best))
    assert accuracy(answers(found.output)) > 0.45, "chance is a third"


def test_what_breaks_its_contract_leaves_its_figures_and_nothing_else(
    trained: Outcome, data: Path, tmp_path: Path
) -> None:
    asked = spec(trained.output, method="pruning", share=0.3, epochs=0, min_speedup=1e6)
    found = compressed(asked, data, tmp_path)
    assert not found.output.exists()
    summary = found.done.summary
    assert summary["compression_kept"] is False
    for told in ("save neither time nor bytes", "breaks the contract", "at least 1e+06 times as fast"):
        assert told in str(summary["compression_sentence"])
    assert summary["compressed_bytes"] == pytest.approx(float(summary["original_bytes"] or 0), rel=0.01)


def test_one_that_learns_nothing_again_tells_of_no_training(trained: Outcome, data: Path, tmp_path: Path) -> None:
    found = compressed(spec(trained.output, method="onnx"), data, tmp_path)
    summary = found.done.summary
    assert (summary["compression_kept"], summary["epochs"], "best_step" in summary) == (True, 0, False)
    assert summary["compressed_metric"] == pytest.approx(accuracy(answers(trained.output)), abs=0.04)
    assert session_logits(found.output, TEXTS).shape == (len(TEXTS), len(tiny.LABELS))
    assert "<h2>How it learnt</h2>" not in (found.output / "report.html").read_text()


def test_zeros_stay_zero_in_training(trained: Outcome) -> None:
    model: Any = student.with_zeros(AutoModelForSequenceClassification.from_pretrained(trained.output), share=0.4)
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(2):
        model(input_ids=torch.tensor([[5, 6, 7]]), labels=torch.tensor([1])).loss.backward()
        optimizer.step()
    for matrix in student.matrices(model):
        assert float((matrix == 0).float().mean()) == pytest.approx(0.4, abs=0.01)


def test_neurons_that_matter_least_to_the_loss_go(trained: Outcome) -> None:
    """Those that lead nowhere are worth nothing; without them the model answers as before."""
    model: Any = AutoModelForSequenceClassification.from_pretrained(trained.output)
    idle = torch.arange(0, 64, 2)
    with torch.no_grad():
        for layer in model.bert.encoder.layer:
            layer.output.dense.weight[:, idle] = 0.0
    asked = {"input_ids": torch.tensor([[5, 6, 7], [8, 9, 10]]), "labels": torch.tensor([1, 2])}
    worth = student.worth_of_neurons(model, [lambda: model(**asked).loss])
    smaller: Any = student.without_neurons(model, worth, share=0.5)
    assert smaller.config.intermediate_size == 32
    torch.testing.assert_close(smaller(**asked).logits, model(**asked).logits)


@pytest.mark.parametrize(
    ("form", "asked"),
    [
        ((TEXT_REGRESSION, "scored"), {"method": "structured_pruning", "share": 0.5}),
        ((TOKEN_CLASSIFICATION, "tagged"), {"method": "distillation", "layers": 1}),
    ],
    ids=lambda one: one[1] if isinstance(one, tuple) else one["method"],
)
def test_a_fine_tune_puts_it_beside_the_model(base: Path, tmp_path: Path, form: Form, asked: dict[str, Any]) -> None:
    """Numbers in the customer's unit again, and tags word by word."""
    data = kinds.version(tmp_path / "data", kinds.rows(form))
    wish = Compression(**{"max_loss": 1e6, "min_speedup": 0.0, "epochs": 4, **asked})
    found = run(kinds.spec(form, base, method="full", compression=wish, n_epochs=8), data, tmp_path)
    told, smaller = found.metrics["compression"]["after"]["compared"]["model"], found.output / "compressed"
    assert (smaller / "task.json").read_bytes() == (found.output / "task.json").read_bytes()
    assert any("learns again" in one.message for one in found.said(Event))
    if form[0] == TOKEN_CLASSIFICATION:
        assert AutoModelForTokenClassification.from_pretrained(smaller).config.num_hidden_layers == 1
        assert told > 0.3
        return
    test = [row for row in kinds.rows(form) if row["split"] == "test"]
    model, tokenizer = (one.from_pretrained(smaller) for one in (AutoModelForSequenceClassification, AutoTokenizer))
    with torch.no_grad():
        said = model(**tokenizer([row["text"] for row in test], padding=True, return_tensors="pt")).logits[:, 0]
    right = torch.tensor([row["score"] for row in test])
    assert told == pytest.approx(float((said - right).square().mean().sqrt()), rel=1e-3)
    assert told < float(right.std())


WRONG: list[tuple[dict[str, Any], set[tuple[str, str]]]] = [
    (
        {"method": "int8", "layers": 2, "then": "onnx"},
        {("layers", "not_for_this_method"), ("then", "not_for_this_method")},
    ),
    ({"method": "layer_drop"}, {("layers", "required")}),
    ({"method": "distillation", "layers": 2, "student": "tiny"}, {("layers", "required")}),
    ({"method": "pruning", "share": 1.0}, {("share", "out_of_range")}),
    ({"method": "pruning", "share": 0.5, "then": "zip"}, {("then", "invalid_choice")}),
]


@pytest.mark.parametrize(("asked", "faults"), WRONG, ids=[f"{one[0]}" for one in WRONG])
def test_what_makes_no_sense_is_told_by_field(asked: dict[str, Any], faults: set[tuple[str, str]]) -> None:
    found = faults_of_compression(Compression(**asked), "text-classification", "single-label")
    assert {(str(one.param).removeprefix("compression."), one.code) for one in found} == faults


def test_what_the_model_cannot_give_is_told_before_weights_load(data: Path, tmp_path: Path) -> None:
    from tests.engine.test_padded import distilbert_folder

    other = distilbert_folder(tmp_path / "base")
    with pytest.raises(Problem) as caught:
        compressed(spec(other, method="layer_drop", layers=2), data, tmp_path)
    assert [one.code for one in caught.value.faults] == ["wrong_base_for_compression", "out_of_range"]


def test_layers_are_kept_evenly_the_last_among_them() -> None:
    kept = [student.spread(*one) for one in ((3, 6), (2, 6), (1, 4), (6, 6))]
    assert kept == [[1, 3, 5], [2, 5], [3], [0, 1, 2, 3, 4, 5]]
