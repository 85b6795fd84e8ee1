"""ROC AUC and average precision of a task: as scikit-learn has them, on rows that were drawn, too."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, roc_auc_score  # type: ignore[import-untyped]

from contracts.decision import Decision
from contracts.task import TABULAR_CLASSIFICATION, TaskSpec
from training.engine.judging.ordering import measure

LABELS = ("no", "perhaps", "yes")
THEIRS = {"roc_auc": roc_auc_score, "average_precision": average_precision_score}


def task(positive: str | None = None) -> TaskSpec:
    return TaskSpec(kind=TABULAR_CLASSIFICATION, form="rows", labels=LABELS, decision=Decision(positive_label=positive))


def answered(rows: int = 200) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Probabilities of few values, so that many rows are equally probable."""
    random = np.random.default_rng(0)
    truth = random.integers(0, 3, rows)
    raw = random.random((rows, 3)).round(1) + 0.5 * np.eye(3)[truth]
    return raw / raw.sum(1, keepdims=True), truth


@pytest.mark.parametrize("metric", THEIRS)
def test_as_scikit_learn_has_it_on_any_rows(metric: str) -> None:
    shares, truth = answered()
    everything, drawn = np.arange(200), np.random.default_rng(1).integers(0, 200, 200)
    for rows in (everything, drawn):
        each = [THEIRS[metric](truth[rows] == label, shares[rows, label]) for label in range(3)]
        assert measure(task(), metric, shares, truth)(rows) == pytest.approx(np.mean(each))
        assert measure(task("yes"), metric, shares, truth)(rows) == pytest.approx(each[2])


@pytest.mark.parametrize("metric", THEIRS)
def test_a_class_that_was_not_drawn_counts_for_nothing(metric: str) -> None:
    shares, truth = answered()
    ours, without = measure(task(), metric, shares, truth), np.flatnonzero(truth != 1)
    each = [THEIRS[metric](truth[without] == label, shares[without, label]) for label in (0, 2)]
    assert ours(without) == pytest.approx(np.mean(each))
    assert ours(np.flatnonzero(truth == 1)) == 0.5
