"""What a row of a class counts in the loss."""

from pathlib import Path

import pytest
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads

from contracts.child import Event
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from tests.engine import tiny
from tests.engine.engine import run
from training.engine.tasks.text_classification import loss, weights

TASK = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("fine", "fraud"))
TRUTH = torch.tensor([0] * 9 + [1])


def test_auto_makes_every_class_count_alike_and_a_row_1_in_the_mean() -> None:
    found = weights(TASK, "auto", TRUTH)
    assert found is not None
    assert found.tolist() == pytest.approx([10 / 18, 10 / 2])
    assert float(found[TRUTH].mean()) == pytest.approx(1.0)


def test_given_weights_keep_their_proportion_and_the_others_are_1() -> None:
    found = weights(TASK, {"fraud": 3.0}, TRUTH)
    assert found is not None
    assert float(found[1] / found[0]) == pytest.approx(3.0)
    assert float(found[TRUTH].mean()) == pytest.approx(1.0)
    assert weights(TASK, None, TRUTH) is None


def test_equal_weights_are_no_weights_and_parts_add_up_to_the_whole() -> None:
    logits = torch.randn(10, 2, generator=torch.Generator().manual_seed(0))
    plain = loss(logits, TRUTH, smoothing=0.1, weights=None)
    assert float(loss(logits, TRUTH, smoothing=0.1, weights=torch.ones(2))) == pytest.approx(float(plain))
    heavy = torch.tensor([0.5, 5.0])
    whole = loss(logits, TRUTH, smoothing=0.0, weights=heavy)
    parts = [
        loss(logits[rows], TRUTH[rows], smoothing=0.0, weights=heavy) * len(rows) / 10
        for rows in ([0, 1, 9], [2, 3, 4, 5, 6, 7, 8])
    ]
    assert float(sum(parts)) == pytest.approx(float(whole))
    by_hand = (F.cross_entropy(logits, TRUTH, reduction="none") * heavy[TRUTH]).mean()
    assert float(whole) == pytest.approx(float(by_hand))


def test_a_rare_class_is_found_more_often_where_it_counts_more(base: Path, tmp_path: Path) -> None:
    """Every fourth text that says nothing is a fee, the others are cards: only the weights decide what to answer."""
    rows = [
        ("what is the new", tiny.LABELS[2] if index % 4 == 0 else tiny.LABELS[0], split)
        for split, count in (("train", 80), ("validation", 20), ("test", 20))
        for index in range(count)
    ]
    recall = {}
    for name, asked in (("none", None), ("given", {"fees": 20.0})):
        spec = tiny.spec(base, labels=("cards", "fees"), class_weights=asked)
        outcome = run(spec, tiny.version(tmp_path / name / "in", rows), tmp_path / name)
        recall[name] = outcome.metrics["model"]["classes"]["fees"]["recall"]
        said = [one.message for one in outcome.messages if isinstance(one, Event) and "weighted" in one.message]
        assert len(said) == (asked is not None)
    assert recall == {"none": 0.0, "given": 1.0}
