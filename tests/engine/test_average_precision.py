"""Average precision is COCO's: by hand, and what its own evaluation (pycocotools 2.0.11) says of the same boxes."""

import numpy as np
import pytest

from training.engine.data.boxes import Boxes, Found
from training.engine.judging import places, resampling
from training.engine.judging.average_precision import matched, mean, precisions


def boxes(*corners: tuple[float, float, float, float], kind: int = 0) -> Boxes:
    return Boxes(classes=np.full(len(corners), kind), corners=np.array(corners, np.float32).reshape(-1, 4))


def found(*answers: tuple[float, tuple[float, float, float, float]]) -> Found:
    return Found(
        boxes=boxes(*(corners for _, corners in answers)),
        confidence=np.array([sure for sure, _ in answers], np.float32),
    )


LEFT, RIGHT, NOWHERE = (0.0, 0.0, 0.4, 0.4), (0.5, 0.5, 0.9, 0.9), (0.0, 0.6, 0.2, 0.9)


def test_by_hand() -> None:
    """Right, wrong, right: precision 1 up to a recall of a half (51 of the 101 points), then 2/3."""
    (one,) = matched([boxes(LEFT, RIGHT)], [found((0.9, LEFT), (0.8, NOWHERE), (0.7, RIGHT))], 1)
    assert precisions(one, np.array([1])) == pytest.approx(np.full(10, (51 + 50 * 2 / 3) / 101))


def test_a_thing_is_found_once_and_by_the_surest() -> None:
    (one,) = matched([boxes(LEFT)], [found((0.9, LEFT), (0.8, LEFT))], 1)
    assert one.right[0].tolist() == [True, False]


def test_a_box_that_lies_askew_is_right_up_to_its_overlap() -> None:
    (one,) = matched([boxes((0.0, 0.0, 0.4, 0.4))], [found((0.9, (0.0, 0.0, 0.4, 0.29)))], 1)
    assert one.right[:, 0].tolist() == [True] * 5 + [False] * 5, "0.725: from 0.5 to 0.7"


def test_a_class_without_boxes_counts_for_nothing() -> None:
    both = matched([boxes(LEFT)], [found((0.9, LEFT))], 2)
    assert precisions(both[1], np.array([1])) is None
    assert mean(both, np.array([1])) == 1.0


def scattered(seed: int, *, pictures: int = 12, classes: int = 3) -> tuple[list[Boxes], list[Found]]:
    chance, truth, answers = np.random.default_rng(seed), list[Boxes](), list[Found]()
    for _ in range(pictures):
        count = chance.integers(0, 6)
        kinds, first = chance.integers(0, classes, count), chance.random((count, 2)) * 0.7
        corners = np.hstack([first, first + 0.05 + chance.random((count, 2)) * 0.25]).astype(np.float32)
        truth.append(Boxes(classes=kinds, corners=corners))
        near, said = list[np.ndarray](), list[int]()
        for at in range(count):
            for _ in range(chance.integers(0, 3)):
                near.append(corners[at] + chance.normal(0, 0.02, 4))
                said.append(int(kinds[at] if chance.random() < 0.85 else chance.integers(0, classes)))
        for _ in range(chance.integers(0, 4)):
            start = chance.random(2) * 0.7
            near.append(np.r_[start, start + 0.1])
            said.append(int(chance.integers(0, classes)))
        sure = chance.random(len(near)).astype(np.float32)
        order = np.argsort(-sure, kind="stable")
        every = Boxes(classes=np.array(said, np.int64), corners=np.array(near, np.float32).reshape(-1, 4))
        answers.append(Found(boxes=every.of(order), confidence=sure[order]))
    return truth, answers


KNOWN = (
    (0.11338712157315596, 0.2547339448616155),
    (0.209238972889963, 0.3520078930970019),
    (0.11271616630527521, 0.27618627247340116),
    (0.197965225093938, 0.4116635839408117),
)  # mAP from 0.5 to 0.95, and at 0.5


@pytest.mark.parametrize(("seed", "coco"), list(enumerate(KNOWN)))
def test_as_cocos_own_evaluation_says(seed: int, coco: tuple[float, float]) -> None:
    truth, answers = scattered(seed)
    matches, once = matched(truth, answers, 3), np.ones(len(truth), np.int64)
    assert (mean(matches, once), mean(matches, once, every=False)) == pytest.approx(coco, abs=1e-9)


def test_a_picture_that_is_drawn_twice_counts_twice() -> None:
    truth, answers = scattered(0)
    drawn = np.array([0, 0, 3, 5, 5, 5, 7])
    again = matched([truth[at] for at in drawn], [answers[at] for at in drawn], 3)
    counted = mean(matched(truth, answers, 3), np.bincount(drawn, minlength=len(truth)))
    assert counted == pytest.approx(mean(again, np.ones(len(drawn), np.int64)))


def test_the_same_boxes_everywhere_reach_what_lies_where_it_always_does() -> None:
    truth = [boxes(LEFT) for _ in range(4)] + [boxes(RIGHT)]
    plain = places.judge(truth, 1, asked=5)
    (one,) = matched(truth, plain.best, 1)
    assert plain.best[0].confidence.tolist() == pytest.approx([0.8, 0.2])
    value = float(precisions(one, np.ones(5, np.int64)).mean())  # type: ignore[union-attr]
    assert value == pytest.approx((81 * 1 + 20 * 5 / 10) / 101, abs=1e-6)
    interval = resampling.interval(resampling.samples(5, lambda drawn: mean([one], np.bincount(drawn, minlength=5)))[0])
    assert interval[0] <= value <= interval[1]
