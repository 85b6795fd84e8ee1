"""The model card, as the hub's own library reads it."""

import pytest
from huggingface_hub import ModelCard

from tests.engine.engine import Outcome
from tests.engine.findings import made
from tests.engine.test_report import HOSTILE
from training.engine.report.card import card


def test_a_models_folder_has_a_card_that_the_hubs_library_reads(trained: Outcome) -> None:
    read = ModelCard.load(trained.output / "README.md")
    assert (read.data.pipeline_tag, read.data.library_name) == ("text-classification", "transformers")
    assert read.data.eval_results is not None
    (result,) = read.data.eval_results
    assert (result.metric_type, result.dataset_split) == ("accuracy", "test")
    assert result.metric_value == pytest.approx(trained.metrics["model"]["accuracy"], abs=1e-5)
    assert str(trained.done.summary["sentence"]) in read.text


def test_a_base_is_linked_where_a_hub_has_it_and_never_by_a_path_of_ours(trained: Outcome) -> None:
    linked = ModelCard(card(made(), hub="acme/encoder"))
    assert "base_model: acme/encoder" in linked.content
    assert "base_model" not in card(made(), hub=None)
    assert "/" not in (trained.output / "README.md").read_text().split("## Evaluation")[0]


def test_labels_are_named_whatever_is_in_them_and_many_are_counted() -> None:
    text = ModelCard(card(made(HOSTILE), hub=None)).text
    assert all(label in text for label in HOSTILE)
    assert "77 classes" in card(made(tuple(f"intent-{index}" for index in range(77))), hub=None)


def test_nothing_is_impossible() -> None:
    sure = card(made(rows=3_000, right=0.99, plain=0.4), hub=None)
    assert "has a chance of less than 0.001." in sure
