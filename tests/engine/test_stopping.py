"""A training that no longer improves stops and keeps its best; one that diverges says so."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from contracts.child import Event
from contracts.fine_tune import FineTuneSpec
from tests.engine import tiny
from tests.engine.engine import Outcome, refused, run, without_bfloat16
from training.engine.tasks.text_classification import loss

PATIENCE = 2


def contradicted() -> list[tiny.Row]:
    """Validation calls everything by another label than training: the more is learnt, the worse it judges."""
    wrong = dict(zip(tiny.LABELS, tiny.LABELS[1:] + tiny.LABELS[:1], strict=True))
    return [(text, wrong[label] if split == "validation" else label, split) for text, label, split in tiny.rows()]


@pytest.fixture(scope="module")
def stopped(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    place = tmp_path_factory.mktemp("stopped")
    spec = tiny.spec(base, method="full", n_epochs=30, patience=PATIENCE, learning_rate=1e-2, label_smoothing=0.1)
    with without_bfloat16():
        return run(spec, tiny.version(place / "data", contradicted()), place)


def test_a_training_ends_once_patience_is_spent(stopped: Outcome) -> None:
    summary = stopped.done.summary
    assert summary["epochs"] == int(summary["best_epoch"] or 0) + PATIENCE < 30
    assert any("stopped early" in one.message for one in stopped.said(Event))


def test_the_best_of_validation_is_published_not_the_last(stopped: Outcome) -> None:
    """Its loss, computed anew from the published files, is the one noted at the best epoch."""
    texts, labels = zip(*((text, label) for text, label, split in contradicted() if split == "validation"), strict=True)
    encoded = AutoTokenizer.from_pretrained(stopped.output)(list(texts), padding=True, return_tensors="pt")
    with torch.no_grad():
        logits = AutoModelForSequenceClassification.from_pretrained(stopped.output).eval()(**encoded).logits
    truth = torch.tensor([tiny.LABELS.index(label) for label in labels])
    noted = [epoch["valid_loss"] for epoch in stopped.metrics["history"]]
    assert float(loss(logits, truth, smoothing=0.1, weights=None)) == pytest.approx(min(noted), abs=1e-4)
    assert noted[-1] > min(noted) + 0.1


class Steps:
    """Counts, and never asks to stop."""

    done = 0

    def __call__(self) -> bool:
        self.done += 1
        return False


@pytest.fixture(scope="module")
def hopeless(base: Path) -> FineTuneSpec:
    """Weights grow ninefold a step: decay at this rate turns every weight round and blows it up."""
    numbers: dict[str, Any] = {
        "learning_rate": 0.1,
        "learning_rate_multiplier": 100.0,
        "weight_decay": 1.0,
        "patience": 100,
    }
    return tiny.spec(base, method="full", **numbers)


@pytest.mark.parametrize(
    ("batch_size", "epochs", "before"),
    [pytest.param(1, 2, 60, id="within-an-epoch"), pytest.param(60, 100, 100, id="at-the-end-of-one")],
)
def test_a_loss_that_is_no_number_ends_the_training_in_words(
    hopeless: FineTuneSpec, data: Path, tmp_path: Path, batch_size: int, epochs: int, before: int
) -> None:
    """At once, and before a validation could tell numbers that are none."""
    numbers = replace(hopeless.hyperparameters, batch_size=batch_size, n_epochs=epochs)
    steps = Steps()
    problem = refused(replace(hopeless, hyperparameters=numbers), data, tmp_path, stop=steps)
    assert (problem.code, problem.param) == ("diverged", "hyperparameters.learning_rate")
    assert "learning rate below 10," in problem.message
    assert steps.done < before
