"""A head starts where the base already tells the classes apart, and never as not-a-number."""

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from transformers import AutoModelForSequenceClassification

from training.engine.model.head import SCALE, start_at_class_means

WIDTH, CLASSES, EACH = 32, 5, 20


@pytest.fixture
def model(base: Path) -> Any:
    return AutoModelForSequenceClassification.from_pretrained(base, num_labels=CLASSES).eval()


def clusters() -> tuple[Tensor, Tensor]:
    """Texts of five classes around five points, far from the origin."""
    chance = torch.Generator().manual_seed(0)
    points = torch.randn(CLASSES, WIDTH, generator=chance) + 3
    labels = torch.arange(CLASSES).repeat_interleave(EACH)
    return points[labels] + 0.3 * torch.randn(CLASSES * EACH, WIDTH, generator=chance), labels


def logits(model: Any, features: Tensor) -> Tensor:
    """As the stock head computes them."""
    with torch.no_grad():
        result: Tensor = model.classifier(torch.tanh(model.bert.pooler.dense(features)))
    return result


def test_before_any_step_each_text_is_answered_by_the_nearest_class_mean(model: torch.nn.Module) -> None:
    features, labels = clusters()
    start_at_class_means(model, features, labels)
    assert logits(model, features).argmax(1).tolist() == labels.tolist()


def test_the_first_logits_are_scaled_cosines(model: torch.nn.Module) -> None:
    features, labels = clusters()
    start_at_class_means(model, features, labels)
    centred = features - features.mean(0)
    means = torch.stack([centred[labels == label].mean(0) for label in range(CLASSES)])
    cosines = torch.nn.functional.cosine_similarity(centred[:, None], means[None], dim=2)
    lengths = centred.norm(dim=1, keepdim=True) / centred.norm(dim=1).mean()
    torch.testing.assert_close(logits(model, features), SCALE * cosines * lengths, atol=0.5, rtol=0)


def test_a_class_without_texts_starts_neutral(model: torch.nn.Module) -> None:
    features, labels = clusters()
    start_at_class_means(model, features[: 4 * EACH], labels[: 4 * EACH])
    assert logits(model, features)[:, 4].tolist() == [0.0] * len(features)


def test_equal_texts_give_finite_logits(model: torch.nn.Module) -> None:
    _, labels = clusters()
    same = torch.ones(len(labels), WIDTH)
    start_at_class_means(model, same, labels)
    assert logits(model, same).isfinite().all()


def test_of_texts_that_look_all_alike_little_is_made(model: torch.nn.Module) -> None:
    """Differences of a thousandth of a state are noise: magnified to full logits, they would throw the first steps."""
    features, labels = clusters()
    alike = features.mean(0) + (features - features.mean(0)) / 1000
    start_at_class_means(model, alike, labels)
    found = logits(model, alike)
    assert found.abs().max() < 0.2
    assert found.argmax(1).tolist() == labels.tolist()
