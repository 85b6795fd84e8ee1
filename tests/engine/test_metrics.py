"""Scores as scikit-learn has them, an interval as Wilson has it, and the exact McNemar test."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest  # type: ignore[import-untyped]
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support  # type: ignore[import-untyped]

from training.engine.judging.metrics import chance_of, interval, scores

CLASSES = 4
PAIRS = st.lists(st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1)), min_size=1, max_size=40)


@given(pairs=PAIRS)
@settings(deadline=None)
def test_scores_are_those_of_scikit_learn_classes_without_rows_too(pairs: list[tuple[int, int]]) -> None:
    truth, answers = np.array(pairs).T
    ours = scores(truth, answers, classes=CLASSES)
    known = {"labels": range(CLASSES), "zero_division": 0}
    theirs = np.transpose(precision_recall_fscore_support(truth, answers, **known))
    assert [(one.precision, one.recall, one.f1, one.support) for one in ours.classes] == [
        pytest.approx(tuple(row)) for row in theirs
    ]
    for average, mine in (("macro", ours.macro), ("micro", ours.micro), ("weighted", ours.weighted)):
        expected = precision_recall_fscore_support(truth, answers, average=average, **known)[:3]
        assert (mine.precision, mine.recall, mine.f1) == pytest.approx(expected)
    assert ours.accuracy == pytest.approx(accuracy_score(truth, answers))
    assert ours.confusion == tuple(map(tuple, confusion_matrix(truth, answers, labels=range(CLASSES)).tolist()))
    assert ours.rows == len(pairs)


def test_the_tasks_metric_decides_which_score_counts() -> None:
    judged = scores(np.array([0, 0, 0, 1]), np.array([0, 0, 0, 0]), classes=2)
    assert judged.value("accuracy") == 0.75
    assert judged.value("macro_f1") == pytest.approx((6 / 7) / 2)


@given(wins=st.integers(0, 300), losses=st.integers(0, 300))
@settings(deadline=None)
def test_the_chance_of_a_mere_accident_is_the_binomial_one(wins: int, losses: int) -> None:
    expected = binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert chance_of(wins, losses) == chance_of(losses, wins) == pytest.approx(expected)


@pytest.mark.timeout(20)
def test_a_large_test_split_takes_no_longer() -> None:
    assert chance_of(50_200, 49_800) == pytest.approx(binomtest(50_200, 100_000).pvalue, rel=1e-6)


@given(right=st.integers(0, 500), wrong=st.integers(0, 500))
@settings(deadline=None)
def test_the_interval_is_wilsons(right: int, wrong: int) -> None:
    rows = right + wrong
    low, high = interval(right / max(1, rows), rows)
    if rows:
        expected = binomtest(right, rows).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((expected.low, expected.high), abs=1e-6)
    else:
        assert (low, high) == (0.0, 1.0)
