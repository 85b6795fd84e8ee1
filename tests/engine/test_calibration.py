"""Temperature and calibration error, against made-up models whose honesty is known."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.engine.judging import calibration

Split = tuple[NDArray[np.float64], NDArray[np.int64]]


def honest(rows: int, *, seed: int) -> Split:
    """Logits whose softmax is the distribution that the truth is drawn from."""
    chance = np.random.default_rng(seed)
    logits = chance.normal(scale=2.0, size=(rows, 4))
    shares = calibration.probabilities(logits).cumsum(1)
    return logits, (chance.random((rows, 1)) > shares).sum(1)


@pytest.mark.parametrize("factor", [0.25, 1.0, 3.0])
def test_the_temperature_undoes_what_an_honest_models_logits_were_multiplied_with(factor: float) -> None:
    logits, truth = honest(20_000, seed=0)
    assert calibration.fitted(logits * factor, truth) == pytest.approx(factor, rel=0.05)


def test_an_over_confident_model_is_told_and_mended_by_what_validation_teaches() -> None:
    (logits, truth), (held, held_truth) = honest(20_000, seed=1), honest(5_000, seed=2)
    found = calibration.judge((logits * 3, truth), (held * 3, held_truth))
    assert found.error > 0.1
    assert found.scaled_error < 0.02
    assert sum(one.rows for one in found.bins) == 20_000
    surest = found.bins[-1]
    assert surest.confidence > surest.accuracy + 0.1


def test_the_error_is_the_mean_distance_by_hand() -> None:
    """Ten answers with 0.9, seven right; ten with 0.6, nine right: (0.2 * 10 + 0.3 * 10) / 20."""
    logits = np.log(np.array([[0.9, 0.1]] * 10 + [[0.6, 0.4]] * 10))
    truth = np.array([0] * 7 + [1] * 3 + [0] * 9 + [1])
    assert calibration.judge((logits, truth), (logits, truth)).error == pytest.approx(0.25)


def test_no_wrong_answer_on_validation_leaves_probabilities_as_they_are() -> None:
    assert calibration.fitted(np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([0, 1])) == 1.0


def test_an_answer_that_is_certain_overflows_nothing() -> None:
    assert calibration.probabilities(np.array([[2_000.0, -2_000.0]])).tolist() == [[1.0, 0.0]]
