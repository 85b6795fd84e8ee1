"""What a model is held against: really trained on the same rows, the same every time, and never unable to answer."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.engine import tiny
from training.engine.judging import baseline
from training.engine.judging.baseline import Baselines


def texts(split: str) -> tuple[list[str]]:
    return ([text for text, _, where in tiny.rows() if where == split],)


def truth(split: str) -> NDArray[np.int64]:
    return np.array([tiny.LABELS.index(label) for _, label, where in tiny.rows() if where == split])


def plain(seed: int = 0) -> Baselines:
    return baseline.classes(texts("train"), truth("train"), texts("test"), seed=seed)


def test_it_learns_which_words_mean_which_label() -> None:
    assert (plain().best == truth("test")).mean() > 0.9


def test_it_learns_from_the_labels_it_is_given() -> None:
    """Labels moved on by one: a baseline that knew the task from elsewhere would still answer the old ones."""
    moved = baseline.classes(texts("train"), (truth("train") + 1) % 3, texts("test"), seed=0).best
    assert ((moved - 1) % 3 == truth("test")).mean() > 0.9


def test_the_same_rows_give_the_same_answers() -> None:
    assert plain().best.tolist() == plain().best.tolist()


def test_the_constant_answer_is_the_commonest_class_of_the_training_rows() -> None:
    known = np.array([0] * 20 + [2] * 25 + [1] * 15)
    constant = baseline.classes(texts("train"), known, texts("test"), seed=0).constant
    assert constant.tolist() == [2] * len(truth("test"))


@pytest.mark.parametrize(
    "signs", [("1", "3", "5"), ("👍", "😐", "👎"), ("好", "中", "差")], ids=["grades", "emoji", "signs"]
)
def test_texts_of_a_single_sign_can_be_told_apart(signs: tuple[str, ...]) -> None:
    shown = (list(signs) * 4,)
    known = np.array([0, 1, 2] * 4)
    assert baseline.classes(shown, known, shown, seed=0).best.tolist() == known.tolist()


@pytest.mark.parametrize("seed", [0, 2**32, 2**40 + 1])
def test_any_seed_of_a_job_will_do(seed: int) -> None:
    assert len(plain(seed).best) == len(truth("test"))


def test_of_pairs_it_sees_what_both_texts_share() -> None:
    """Alike or not: no word of either text alone says it."""
    words = [f"word{index}" for index in range(40)]
    first = words * 2
    second = words + words[1:] + words[:1]
    known = np.array([1] * 40 + [0] * 40)
    found = baseline.classes((first, second), known, (first, second), seed=0).best
    assert (found == known).mean() > 0.95


def test_numbers_follow_the_words_and_the_constant_answer_is_their_mean() -> None:
    values = 10.0 * (truth("train") == 0)
    found = baseline.numbers(texts("train"), values, texts("test"))
    wanted = 10.0 * (truth("test") == 0)
    assert np.corrcoef(found.best, wanted)[0, 1] > 0.8
    assert found.constant.tolist() == [pytest.approx(values.mean())] * len(wanted)


def test_of_several_labels_each_has_its_own_line_and_one_that_all_rows_have_is_always_given() -> None:
    known = np.eye(3, dtype=np.bool_)[truth("train")]
    known = np.column_stack([known, np.ones(len(known), dtype=np.bool_), np.zeros(len(known), dtype=np.bool_)])
    found = baseline.several(texts("train"), known, texts("test"), seed=0).best
    assert (found[:, :3] == np.eye(3, dtype=np.bool_)[truth("test")]).mean() > 0.9
    assert found[:, 3].all()
    assert not found[:, 4].any()


def test_words_are_tagged_by_themselves_and_what_stands_around_them() -> None:
    """The same word is a name after "Mr" and none elsewhere: the constant answer cannot tell."""
    train = [["Mr", "Green", "came"], ["the", "green", "door"], ["Mr", "Hill", "left"], ["a", "hill", "there"]] * 5
    tags = [["O", "B-PER", "O"], ["O", "O", "O"], ["O", "B-PER", "O"], ["O", "O", "O"]] * 5
    found = baseline.words(train, tags, [["Mr", "Black", "slept"], ["unseen"]], seed=0)
    assert found.best == [["O", "B-PER", "O"], ["O"]]
    assert found.constant == [["O", "O", "O"], ["O"]]
