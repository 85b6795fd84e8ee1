"""What no neural network foretells to come next: what came most often after the item before (a Markov chain)."""

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from training.engine.data.histories import OTHER, Histories
from training.engine.judging.baseline import Baselines
from training.engine.judging.nexts import Placed

NAME = "Markov chain"

Ints = NDArray[np.int64]


def nexts(train: Histories, test: Histories, numbers: list[int], items: int) -> Baselines:
    """`Placed` both; the constant order is by how common items are, which also orders what never followed."""
    common = np.bincount(train.codes, minlength=items + 1)[OTHER + 1 :]
    followed = dict[int, Counter[int]]()
    for before, after in _steps(train)[:2].T.tolist():
        if after != OTHER:
            followed.setdefault(before, Counter())[after] += 1
    before, after, owners = _steps(test)
    usual = _places(common)
    after_each = {item: _places(_counts(followed.get(item, Counter()), common)) for item in set(before.tolist())}
    best = np.array([after_each[item][next_] for item, next_ in zip(before.tolist(), after.tolist(), strict=True)])
    return Baselines(
        name=NAME,
        best=Placed(ranks=best.astype(np.int64), owners=owners, numbers=numbers, items=items),
        constant=Placed(ranks=usual[after], owners=owners, numbers=numbers, items=items),
    )


def _steps(histories: Histories) -> Ints:
    """[3, K]: an item, the one that came next, and whose they are."""
    codes, owners = histories.codes.numpy(), histories.owners.numpy()
    same = owners[1:] == owners[:-1]
    return np.stack([codes[:-1][same], codes[1:][same], owners[1:][same]])


def _counts(followed: Counter[int], common: Ints) -> NDArray[np.float64]:
    """[items]; those that never followed are less than one, by how common they are."""
    found = common / (1 + common.sum())
    for item, times in followed.items():
        found[item - 1] += times
    return np.asarray(found)


def _places(worth: NDArray[np.float64] | Ints) -> Ints:
    """[1 + items] the rank of each code, from 1, equal ones after each other; one that is not known is behind all."""
    ranks = np.empty(len(worth) + 1, dtype=np.int64)
    ranks[OTHER] = len(worth) + 1
    ranks[1 + np.argsort(-worth, kind="stable")] = np.arange(1, len(worth) + 1)
    return ranks
