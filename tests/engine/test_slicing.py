"""Where a model is weaker: found where it is, and seldom where it is not, however many parts are looked at."""

import numpy as np
import pytest
from scipy.stats import fisher_exact  # type: ignore[import-untyped]

from contracts.task import TaskSpec
from tests.engine.findings import made
from training.engine.data.groups import Group
from training.engine.judging import classes, numbers, slicing
from training.engine.judging.metrics import interval
from training.engine.report.page import page

ROWS = 600
TRUTH = np.arange(ROWS) % 2
TASK = TaskSpec(kind="text-classification", labels=("a", "b"))
CHANCE = np.random.default_rng(5)


def group(value: str, places: np.ndarray) -> Group:
    return Group(by="channel", value=value, places=places)


def test_the_weaker_part_is_named_with_what_the_others_reach() -> None:
    wrong = np.arange(ROWS) < 20  # twenty of the first hundred rows, and no other
    said = classes.said(TASK, TRUTH, np.where(wrong, 1 - TRUTH, TRUTH), None)
    plain = classes.said(TASK, TRUTH, np.zeros_like(TRUTH), None)
    parts = group("web", np.arange(100)), group("shop", np.arange(100, ROWS))
    web, shop = slicing.examine(parts, (said, plain)).slices
    assert (web.model, web.others, web.baseline, web.rows) == (0.8, 1.0, 0.5, 100)
    assert web.interval == interval(0.8, 100)
    expected = fisher_exact([[80, 20], [500, 0]], alternative="less").pvalue
    assert web.chance == pytest.approx(2 * expected, rel=1e-6)
    assert (web.weaker, shop.weaker) == (True, False)


def test_numbers_are_weaker_where_they_are_farther_off() -> None:
    truth = np.arange(float(ROWS))
    off = CHANCE.normal(size=ROWS) * np.where(np.arange(ROWS) < 100, 3.0, 1.0)
    task = TaskSpec(kind="text-regression", metric="r2")
    said = numbers.said(task, truth, truth + off), numbers.said(task, truth, np.zeros(ROWS))
    found = slicing.examine([group("web", np.arange(100)), group("shop", np.arange(100, 200))], said)
    web, shop = found.slices
    assert found.metric == "rmse", "R² of a part whose rows are all alike says nothing"
    assert web.model == pytest.approx(3.0, rel=0.2)
    assert web.interval[0] < web.model < web.interval[1]
    assert (web.weaker, shop.weaker) == (True, False)
    assert found.weaker == (web,)


def test_of_many_parts_drawn_at_random_hardly_one_is_called_weaker() -> None:
    answers = np.where(CHANCE.random(ROWS) < 0.7, TRUTH, 1 - TRUTH)
    said = classes.said(TASK, TRUTH, answers, None)
    called = 0
    for _ in range(20):
        places = np.array_split(CHANCE.permutation(ROWS), 20)
        found = slicing.examine([group(str(at), np.sort(one)) for at, one in enumerate(places)], (said, said))
        called += bool(found.weaker)
    assert called <= 3, "one in twenty"


def test_the_page_says_where_it_is_weaker_or_that_it_is_nowhere() -> None:
    findings = made(("left", "right"))
    assert findings.slices is not None
    assert not findings.slices.weaker
    text = page(findings)
    assert "Where it is weaker" in text
    assert "Nowhere is it shown to be weaker than elsewhere." in text
