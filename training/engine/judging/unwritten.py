"""What answers to texts without writing: the answer to the most alike training text, or a piece of the text itself."""

from collections import Counter
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from training.engine.data.tokens import Tokens
from training.engine.judging import baseline, overlap
from training.engine.judging.writings import Foreseen

AT_ONCE = 256  # texts compared with all training texts at once
NEAREST = "nearest training row"

Without = Callable[[list[str]], dict[str, list[str]]]  # answers by the name of the way


def best(
    train: tuple[list[str], list[str]], asked: dict[str, list[str]], right: list[str], without: Without, *, metric: str
) -> tuple[str, list[str]]:
    """Name and test answers of what is best on validation. `train`: texts and their answers; `asked`: of validation and
    test; `right`: validation's answers; `without`: answers that need no training rows."""
    found = {split: {NEAREST: nearest(train, texts), **without(texts)} for split, texts in asked.items()}
    values = {name: overlap.measure(said, right).value(metric) for name, said in found["validation"].items()}
    name = max(values, key=lambda one: values[one])
    return name, found["test"][name]


def nearest(train: tuple[list[str], list[str]], asked: list[str]) -> list[str]:
    """The answer to the training text that shares most rare words (TF-IDF, cosine); of equal ones the first."""
    known, questions = baseline.vectors((train[0],), (train[0], asked))
    found = list[str]()
    for start in range(0, len(asked), AT_ONCE):
        alike = (questions[start : start + AT_ONCE] @ known.T).toarray()
        found += [train[1][place] for place in alike.argmax(1).tolist()]
    return found


def commonest(answers: list[str]) -> str:
    """The first of equally common ones."""
    return Counter(answers).most_common(1)[0][0]


def by_frequency(train: Tokens, test: Tokens, vocabulary: int) -> Foreseen:
    """What right texts cost where every token is foreseen by how often it stands in the training answers."""
    costs = costs_by_frequency(train.ids, vocabulary)
    owners = torch.repeat_interleave(torch.arange(len(test)), torch.tensor(test.lengths))
    nats = torch.zeros(len(test), dtype=torch.float64).index_add(0, owners, costs.index_select(0, test.ids))
    return Foreseen(nats=nats.numpy(), tokens=np.array(test.lengths))


def costs_by_frequency(ids: Tensor, vocabulary: int) -> Tensor:
    """(vocabulary,) nats of each token where it is foreseen by how often it is among `ids`, one more than counted
    (Laplace)."""
    counts = torch.bincount(ids, minlength=vocabulary).double() + 1
    return -(counts / counts.sum()).log()
