"""The published folder: complete, sealed, and the same answers without any code of ours."""

import json
from pathlib import Path

import pytest
import torch
from peft import PeftModel
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from contracts import manifest
from contracts.codec import from_json
from contracts.task import TaskSpec
from tests.engine import tiny
from tests.engine.engine import Outcome, run
from training.engine.data.tokens import tokenise
from training.engine.model.packed import Packed

pytestmark = pytest.mark.filterwarnings(tiny.PEFT_LAGS)

ROWS = tiny.rows(train=300)  # enough for every method to learn on every processor, whatever its rounding
TEXTS = [text for text, _, split in ROWS if split == "test"]


@pytest.fixture(scope="module", params=["full", "upper_layers", "lora"])
def outcome(request: pytest.FixtureRequest, base: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    data = tiny.version(tmp_path_factory.mktemp("data"), ROWS)
    spec = tiny.spec(base, method=request.param, n_epochs=15, learning_rate=5e-3)
    return run(spec, data, tmp_path_factory.mktemp(request.param))


def plain_answers(folder: Path) -> list[int]:
    """As a customer would ask, padded, one batch."""
    model = AutoModelForSequenceClassification.from_pretrained(folder).eval()
    encoded = AutoTokenizer.from_pretrained(folder)(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        answers: list[int] = model(**encoded).logits.argmax(1).tolist()
    return answers


def test_plain_transformers_gives_the_answers_that_the_metrics_count(outcome: Outcome) -> None:
    truth = [tiny.LABELS.index(label) for _, label, split in ROWS if split == "test"]
    right = sum(answer == true for answer, true in zip(plain_answers(outcome.output), truth, strict=True))
    assert outcome.done.summary["accuracy"] == right / len(truth)


def test_the_model_learns_what_the_words_say(outcome: Outcome) -> None:
    accuracy = outcome.done.summary["accuracy"]
    assert isinstance(accuracy, float)
    assert accuracy > 0.8, outcome.done.summary


def test_the_folder_is_sealed_and_complete(outcome: Outcome) -> None:
    sealed = manifest.verify(outcome.output)
    names = {file.path for file in sealed.files}
    assert {"config.json", "model.safetensors", "tokenizer.json", "task.json", "metrics.json", "report.html"} <= names
    assert names | {manifest.NAME} == {
        path.relative_to(outcome.output).as_posix() for path in outcome.output.rglob("*") if path.is_file()
    }
    assert sealed.kind == "model"
    assert sealed.about["base"] == "tiny"
    assert sealed.about["accuracy"] == outcome.done.summary["accuracy"]


def test_labels_of_the_task_are_the_labels_of_the_model(outcome: Outcome) -> None:
    config = json.loads((outcome.output / "config.json").read_bytes())
    assert config["id2label"] == {str(index): label for index, label in enumerate(tiny.LABELS)}
    assert from_json((outcome.output / "task.json").read_bytes(), TaskSpec).labels == tiny.LABELS


def test_no_path_of_the_training_machine_is_published(outcome: Outcome, base: Path) -> None:
    for path in outcome.output.rglob("*"):
        if path.is_file():
            assert str(base).encode() not in path.read_bytes(), path.name


def test_only_layers_said_to_be_trained_differ_from_the_base(base: Path, data: Path, tmp_path: Path) -> None:
    output = run(tiny.spec(base, method="upper_layers"), data, tmp_path).output
    trained = AutoModelForSequenceClassification.from_pretrained(output).bert
    untrained = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3).bert
    lower, upper = "encoder.layer.0.output.dense.weight", "encoder.layer.1.output.dense.weight"
    assert torch.equal(trained.get_parameter(lower), untrained.get_parameter(lower))
    assert not torch.equal(trained.get_parameter(upper), untrained.get_parameter(upper))
    assert torch.equal(trained.embeddings.word_embeddings.weight, untrained.embeddings.word_embeddings.weight)


def test_a_head_alone_leaves_the_encoder_as_it_was(base: Path, data: Path, tmp_path: Path) -> None:
    output = run(tiny.spec(base, method="head"), data, tmp_path).output
    trained = AutoModelForSequenceClassification.from_pretrained(output)
    untrained = AutoModelForSequenceClassification.from_pretrained(base, num_labels=3)
    differing = {
        name
        for name, one in trained.bert.named_parameters()
        if not torch.equal(one, untrained.bert.get_parameter(name))
    }
    assert differing == {"pooler.dense.weight", "pooler.dense.bias"}


@pytest.mark.parametrize("method", ["lora", "dora", "ia3"])
def test_the_adapter_on_the_base_answers_like_the_merged_model(
    base: Path, data: Path, tmp_path: Path, method: str
) -> None:
    output = run(tiny.spec(base, method=method, learning_rate=5e-3), data, tmp_path).output
    merged = AutoModelForSequenceClassification.from_pretrained(output).eval()
    shared = AutoModelForSequenceClassification.from_pretrained(base, num_labels=len(tiny.LABELS))
    adapted = PeftModel.from_pretrained(shared, output / "adapter").eval()
    encoded = AutoTokenizer.from_pretrained(output)(TEXTS, padding=True, return_tensors="pt")
    with torch.no_grad():
        torch.testing.assert_close(adapted(**encoded).logits, merged(**encoded).logits, atol=1e-5, rtol=1e-4)
    assert json.loads((output / "adapter/adapter_config.json").read_bytes())["base_model_name_or_path"] == "tiny"


@pytest.mark.parametrize("length", [1, 40])
def test_packed_rows_give_the_logits_of_the_stock_forward(base: Path, length: int) -> None:
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=5).eval()
    tokenizer = AutoTokenizer.from_pretrained(base)
    texts = ["card fee", "why is my loan rate new " * length, "a", "please refund the extra charge today"]
    tokens = tokenise(tokenizer, texts, max_length=64)
    network = Packed(model=model, heads=4)
    encoded = tokenizer(texts, padding=True, truncation=True, max_length=64, return_tensors="pt")
    with torch.no_grad():
        packed = network.logits(tokens, network.batch(tokens, [3, 1, 0, 2]))
        stock = model(**encoded).logits[[3, 1, 0, 2]]
    torch.testing.assert_close(packed, stock, atol=1e-5, rtol=1e-4)
