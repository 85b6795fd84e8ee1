"""Whether more rows would help: foretold where the points follow a power law, and not where they do not."""

from itertools import pairwise

import numpy as np
import polars as pl
import pytest

from contracts.task import TEXT_CLASSIFICATION, TaskSpec, form_of
from training.engine.data.reading import Rows
from training.engine.judging import classes
from training.engine.judging.learning import HALVINGS, MOST, Learner, Learning, examine
from training.engine.judging.said import Said

FORM = form_of(TEXT_CLASSIFICATION, "single-label")
TASK = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("a", "b"))
TEST = 4_000


def train(rows: int) -> Rows:
    labels = ["a"] * (rows - 1) + ["b"]
    return Rows(frame=pl.DataFrame({"row": range(rows), "text": ["x"] * rows, "label": labels}))


def learner(wrong: dict[int, float], seen: list[list[int]] | None = None) -> Learner:
    """`wrong`: the share of wrong answers after so many rows."""

    def learnt(shown: list[int]) -> Said:
        if seen is not None:
            seen.append(shown)
        truth = np.arange(TEST) % 2
        answers = np.where(np.arange(TEST) < round(TEST * wrong[len(shown)]), 1 - truth, truth)
        return classes.said(TASK, truth, answers, None)

    return learnt


def found(rows: int, wrong: dict[int, float]) -> Learning:
    answer = examine(train(rows), FORM, learner(wrong), "linear model", seed=0)
    assert answer is not None
    return answer


def test_a_power_law_is_drawn_further() -> None:
    """Of 0.05 + 2 / root of the rows: 1,600 more would bring 2 / 40 - 2 / 56.6 = 1.5 points."""
    wrong = {1_600 >> halving: 0.05 + 2 / (1_600 >> halving) ** 0.5 for halving in HALVINGS}
    answer = found(1_600, wrong)
    assert [one.rows for one in answer.points] == [100, 200, 400, 800, 1_600]
    assert answer.forecast is not None
    assert answer.forecast.gain == pytest.approx(2 / 40 - 2 / 3_200**0.5, abs=0.003)
    assert answer.forecast.value == pytest.approx(1 - wrong[1_600] + answer.forecast.gain, abs=0.005)
    low, high = answer.forecast.interval
    assert low < answer.forecast.gain < high
    assert answer.curve[-1][0] == pytest.approx(3_200)


def test_nothing_is_foretold_where_the_points_jump_or_become_worse() -> None:
    sizes = [1_600 >> halving for halving in HALVINGS]
    jumping = found(1_600, dict(zip(sizes, (0.4, 0.1, 0.35, 0.1, 0.3), strict=True)))
    worse = found(1_600, dict(zip(sizes, (0.1, 0.15, 0.2, 0.25, 0.3), strict=True)))
    assert (jumping.forecast, jumping.curve) == (worse.forecast, worse.curve) == (None, ())


def test_every_share_holds_every_class_and_the_next_one_all_of_it() -> None:
    seen = list[list[int]]()
    wrong = {1_600 >> halving: 0.1 for halving in HALVINGS}
    assert examine(train(1_600), FORM, learner(wrong, seen), "linear model", seed=3) is not None
    assert all(1_599 in shown for shown in seen), "the only row of its class"
    assert all(set(less) < set(more) for less, more in pairwise(seen))


@pytest.mark.parametrize("rows", [200, MOST + 1])
def test_of_too_few_rows_or_too_many_there_is_no_curve(rows: int) -> None:
    assert examine(train(rows), FORM, learner({}), "linear model", seed=0) is None
