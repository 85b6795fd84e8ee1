"""ROC and precision-recall of a classifier's probabilities, against figures worked out by hand."""

import numpy as np
import pytest

from tests.engine.findings import classes, made
from training.engine.judging import ranking
from training.engine.report.page import page

LABELS = ("fine", "fraud", "never")


def test_areas_are_those_of_the_pairs_put_in_the_right_order() -> None:
    """Fraud's rows have 0.9 and 0.4, the others 0.6, 0.2, 0.1: five of six pairs; precision 1 at half, 2/3 at all."""
    fraud = np.array([0.9, 0.6, 0.4, 0.2, 0.1])
    found = ranking.judge(np.stack([1 - fraud, fraud, 0 * fraud], axis=1), np.array([1, 0, 1, 0, 0]), LABELS)
    assert found is not None
    by_label = {one.label: one for one in found.classes}
    assert set(by_label) == {"fine", "fraud"}, "what never occurs cannot be ranked"
    assert by_label["fraud"].roc_auc == pytest.approx(5 / 6)
    assert by_label["fraud"].average_precision == pytest.approx(0.5 * 1 + 0.5 * 2 / 3)
    assert by_label["fraud"].share == pytest.approx(0.4)
    assert found.roc_auc == pytest.approx(5 / 6)


def test_the_worst_class_comes_first_and_curves_go_from_end_to_end() -> None:
    chance = np.random.default_rng(0)
    truth = chance.integers(0, 8, 4_000)
    shares = chance.random((4_000, 8)) + np.eye(8)[truth] * np.linspace(1, 0.1, 8)
    found = ranking.judge(shares, truth, tuple("abcdefgh"))
    assert found is not None
    assert found.classes[0].label == found.curves[0].label == "h"
    assert len(found.curves) == ranking.DRAWN
    for one in found.curves:
        assert (one.roc[0][0], one.roc[1][0]) == (0, 0)
        assert (one.roc[0][-1], one.roc[1][-1]) == (1, 1)
        assert len(one.roc[0]) <= ranking.POINTS


def test_rows_of_one_class_alone_have_no_order() -> None:
    assert ranking.judge(np.full((4, 2), 0.5), np.zeros(4, dtype=np.int64), LABELS[:2]) is None


def test_the_report_draws_the_curves_and_says_the_means() -> None:
    findings = made(rows=300)
    ranked = classes(findings).ranking
    assert ranked is not None
    text = page(findings)
    assert "At any threshold" in text
    assert f"{ranked.roc_auc:.3f}" in text
    assert len(findings.document()["ranking"]["classes"]) == len(findings.task.labels)
