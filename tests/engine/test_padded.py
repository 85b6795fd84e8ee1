"""Encoders other than BERT: trained through their own forward, and as good a model in the end."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from transformers import (
    AutoModelForSequenceClassification,
    AutoTokenizer,
    DistilBertConfig,
    DistilBertModel,
    PreTrainedModel,
    RobertaConfig,
    RobertaModel,
)

from contracts import manifest
from tests.engine import tiny
from tests.engine.engine import refused, run
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.loop import Interrupted

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

ROWS = tiny.rows(train=150)
TEXTS = [text for text, _, split in ROWS if split == "test"]


def saved(model: PreTrainedModel, folder: Path) -> Path:
    model.save_pretrained(folder)
    tiny.tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def distilbert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return distilbert_folder(tmp_path_factory.mktemp("distilbert"))


def distilbert_folder(folder: Path) -> Path:
    shape: dict[str, Any] = {"dim": 32, "n_layers": 2, "n_heads": 4, "hidden_dim": 64, "max_position_embeddings": 64}
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = DistilBertModel(DistilBertConfig(vocab_size=len(tiny.tokenizer()), **shape))
    return saved(model, folder)


@pytest.fixture(scope="module")
def roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Counts positions from the padding id on: where that is 0, a table of 65 rows reads 64 tokens."""
    shape: dict[str, Any] = {
        "hidden_size": 32,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "intermediate_size": 64,
    }
    made = tiny.tokenizer()
    config = RobertaConfig(vocab_size=len(made), max_position_embeddings=65, pad_token_id=made.pad_token_id, **shape)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = RobertaModel(config)
    return saved(model, tmp_path_factory.mktemp("roberta"))


@pytest.fixture(scope="module")
def learnable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.version(tmp_path_factory.mktemp("data"), ROWS)


def logits(model: PreTrainedModel | PeftModel, folder: Path) -> torch.Tensor:
    """As a customer would ask, one batch; the tokenizer's segment ids are BERT's only."""
    encoded = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        answered: torch.Tensor = model(encoded["input_ids"], attention_mask=encoded["attention_mask"]).logits
    return answered


def test_another_encoder_learns_and_its_published_model_answers_so(
    distilbert: Path, learnable: Path, tmp_path: Path
) -> None:
    outcome = run(tiny.spec(distilbert, method="full", n_epochs=12, learning_rate=5e-3), learnable, tmp_path)
    manifest.verify(outcome.output)
    model = AutoModelForSequenceClassification.from_pretrained(outcome.output).eval()
    truth = torch.tensor([tiny.LABELS.index(label) for _, label, split in ROWS if split == "test"])
    right = int((logits(model, outcome.output).argmax(1) == truth).sum())
    assert outcome.done.summary["accuracy"] == right / len(truth)
    assert right > 0.8 * len(truth)


@pytest.mark.parametrize("method", ["lora", "ia3"])
def test_its_adapter_on_the_base_answers_like_the_merged_model(
    distilbert: Path, learnable: Path, tmp_path: Path, method: str
) -> None:
    output = run(tiny.spec(distilbert, method=method, learning_rate=5e-3), learnable, tmp_path).output
    merged = AutoModelForSequenceClassification.from_pretrained(output).eval()
    shared = AutoModelForSequenceClassification.from_pretrained(distilbert, num_labels=len(tiny.LABELS))
    adapted = PeftModel.from_pretrained(shared, output / "adapter").eval()
    torch.testing.assert_close(logits(adapted, output), logits(merged, output), atol=1e-5, rtol=1e-4)


def test_a_training_that_goes_on_in_its_second_epoch_ends_like_one_that_never_stopped(
    distilbert: Path, data: Path, tmp_path: Path
) -> None:
    """DistilBERT has dropout, which would draw other numbers before a first validation than after it."""
    spec = tiny.spec(distilbert, method="full")
    with pytest.raises(Interrupted):
        run(spec, data, tmp_path / "first", stop=After(5))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(run(spec, data, tmp_path / "whole"))


def test_texts_may_be_as_long_as_the_encoder_really_reads(roberta: Path, tmp_path: Path) -> None:
    data = tiny.version(tmp_path, [(text + " fee" * 100, *rest) for text, *rest in tiny.rows()])  # type: ignore[misc]
    longest = tiny.spec(roberta, method="full", n_epochs=1, max_length=64)
    assert manifest.verify(run(longest, data, tmp_path / "longest").output)
    longer = replace(longest, hyperparameters=replace(longest.hyperparameters, max_length=65))
    assert "64 tokens" in refused(longer, data, tmp_path / "longer").message
