"""What no neural network foretells of the next answer: how hard the item is, and how the learner did before.

A logistic regression over the item's difficulty, the learner's running average, and how often the same item went well
and badly before (performance factors, Pavlik, Cen & Koedinger 2009).
"""

from collections import Counter
from math import log, log1p

import numpy as np
from numpy.typing import NDArray

from training.engine.data.histories import Histories
from training.engine.judging.baseline import Baselines

NAME = "performance factors"
DOUBT = 2.0  # answers, as likely as all are, that each average begins with

Floats = NDArray[np.float64]


def outcomes(train: Histories, test: Histories) -> Baselines:
    """[T] logits of going well; the constant is that of all training answers."""
    from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]

    went = _went(train)
    usual = float(went.mean())
    well, times = Counter[int](), Counter[int]()
    for item, one in zip(train.codes.tolist(), went.tolist(), strict=True):
        well[item] += one
        times[item] += 1
    ease = {item: _logit(well[item], times[item], usual) for item in times}
    shown, asked = (_features(one, ease, usual) for one in (train, test))
    linear = LogisticRegression(max_iter=1_000).fit(shown, went)
    return Baselines(
        name=NAME,
        best=np.asarray(linear.decision_function(asked)),
        constant=np.full(len(asked), _logit(0, 0, usual)),
    )


def _features(histories: Histories, ease: dict[int, float], usual: float) -> Floats:
    """[T, 5]"""
    went, codes = _went(histories).tolist(), histories.codes.tolist()
    found = np.empty((len(codes), 5))
    for start, end in zip(histories.offsets, histories.offsets[1:], strict=False):
        right, seen = 0, 0
        well, badly = Counter[int](), Counter[int]()
        for at in range(start, end):
            item = codes[at]
            found[at] = (
                ease.get(item, _logit(0, 0, usual)), _logit(right, seen, usual), log1p(seen),
                log1p(well[item]), log1p(badly[item]),
            )  # fmt: skip
            (well if went[at] else badly)[item] += 1
            right, seen = right + went[at], seen + 1
    return found


def _went(histories: Histories) -> NDArray[np.int64]:
    assert histories.outcomes is not None  # noqa: S101 - the form has them
    return np.asarray(histories.outcomes.numpy())


def _logit(right: float, of: float, usual: float) -> float:
    share = (right + DOUBT * usual) / (of + DOUBT)
    return log(share / (1 - share))
