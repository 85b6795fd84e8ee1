"""The bootstrap of macro F1, against scikit-learn and against what must hold of chances."""

import numpy as np
import pytest
from sklearn.metrics import f1_score  # type: ignore[import-untyped]

from tests.engine.findings import made
from training.engine.judging import resampling
from training.engine.judging.metrics import scores


def test_a_resample_scores_as_scikit_learn_does() -> None:
    chance = np.random.default_rng(3)
    truth, said = chance.integers(0, 5, 200), chance.integers(0, 5, 200)
    [samples] = resampling.macro_f1(truth, [said], classes=6)  # the sixth class never occurs and counts as 0
    drawn = np.random.default_rng(resampling.SEED).integers(0, 200, 200)
    labels = list(range(6))
    assert samples[0] == pytest.approx(
        f1_score(truth[drawn], said[drawn], labels=labels, average="macro", zero_division=0)
    )


def test_the_interval_holds_the_figure_and_shrinks_with_the_root_of_the_rows() -> None:
    chance = np.random.default_rng(4)
    widths = []
    for rows in (400, 6_400):
        truth = chance.integers(0, 3, rows)
        said = np.where(chance.random(rows) < 0.8, truth, 0)
        [samples] = resampling.macro_f1(truth, [said], classes=3)
        low, high = resampling.interval(samples)
        assert low < scores(truth, said, classes=3).macro.f1 < high
        widths.append(high - low)
    assert widths[0] / widths[1] == pytest.approx(4, rel=0.3)


def test_of_two_models_only_a_real_difference_is_called_one() -> None:
    chance = np.random.default_rng(5)
    truth = chance.integers(0, 3, 2_000)
    good, as_good, worse = (np.where(chance.random(2_000) < share, truth, 0) for share in (0.8, 0.8, 0.7))
    samples = resampling.macro_f1(truth, [good, as_good, worse, good], classes=3)
    assert resampling.chance_of(samples[0], samples[1]) > 0.05
    assert resampling.chance_of(samples[0], samples[2]) < 0.01
    assert resampling.chance_of(samples[2], samples[0]) < 0.01
    assert resampling.chance_of(samples[0], samples[3]) == 1.0


def test_a_report_doubts_the_metric_that_decides() -> None:
    """Judged by macro F1 the chance is the bootstrap's, by accuracy McNemar's."""
    by_f1, by_accuracy = made(rows=60, plain=0.8, metric="macro_f1"), made(rows=60, plain=0.8)
    assert by_f1.compared.chance != by_accuracy.compared.chance
    assert by_f1.compared.chance == pytest.approx(by_accuracy.compared.chance, abs=0.3)
