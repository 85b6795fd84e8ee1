"""What a model is held against: really trained on the same rows, the same every time, and never unable to answer."""

import pytest
import torch

from tests.engine import tiny
from training.engine.baseline import Baselines, answers
from training.engine.data.reading import Rows


def rows(split: str) -> Rows:
    made = [(text, label) for text, label, where in tiny.rows() if where == split]
    texts, labels = zip(*made, strict=True)
    return Rows(numbers=list(range(1, len(made) + 1)), texts=list(texts), labels=list(labels))


def classes(split: Rows) -> torch.Tensor:
    return torch.tensor([tiny.LABELS.index(label) for label in split.labels])


def plain(seed: int = 0) -> Baselines:
    return answers(rows("train"), classes(rows("train")), rows("test"), seed=seed)


def test_it_learns_which_words_mean_which_label() -> None:
    right = plain().linear == classes(rows("test"))
    assert right.float().mean() > 0.9


def test_it_learns_from_the_labels_it_is_given() -> None:
    """Labels moved on by one: a baseline that knew the task from elsewhere would still answer the old ones."""
    moved = answers(rows("train"), (classes(rows("train")) + 1) % 3, rows("test"), seed=0).linear
    assert ((moved - 1) % 3 == classes(rows("test"))).float().mean() > 0.9


def test_the_same_rows_give_the_same_answers() -> None:
    assert plain().linear.tolist() == plain().linear.tolist()


def test_the_majority_is_the_commonest_class_of_the_training_rows() -> None:
    truth = torch.tensor([0] * 20 + [2] * 25 + [1] * 15)
    majority = answers(rows("train"), truth, rows("test"), seed=0).majority
    assert majority.tolist() == [2] * len(rows("test"))


@pytest.mark.parametrize(
    "texts", [("1", "3", "5"), ("👍", "😐", "👎"), ("好", "中", "差")], ids=["grades", "emoji", "signs"]
)
def test_texts_of_a_single_sign_can_be_told_apart(texts: tuple[str, ...]) -> None:
    shown = Rows(numbers=list(range(12)), texts=list(texts) * 4, labels=list(tiny.LABELS) * 4)
    assert answers(shown, classes(shown), shown, seed=0).linear.tolist() == classes(shown).tolist()


@pytest.mark.parametrize("seed", [0, 2**32, 2**40 + 1])
def test_any_seed_of_a_job_will_do(seed: int) -> None:
    assert len(plain(seed).linear) == len(rows("test"))
