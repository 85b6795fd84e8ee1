"""Whether a picture's mirror image is of the same class: of a cat it is, of a letter or of the left lung it is not.

Only the rows can tell. A linear classifier learns half of the training rows and answers the other half twice, as they
are and mirrored: where it answers the mirror images worse by more than chance explains, left and right matter.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.engine.data.seeing import Seen
from training.engine.judging.compared import CERTAIN
from training.engine.judging.looks import Features, of_pictures
from training.engine.judging.metrics import chance_of

FEWEST, MOST = 50, 2_000  # rows: below, nothing would show; above, nothing new shows

# Answers to the third, learnt from features and truth.
Answer = Callable[[Features, NDArray[Any], Features], NDArray[Any]]


def harmless(seen: Seen, truth: NDArray[Any], answer: Answer) -> bool:
    """`truth`: [rows] class indices or [rows, labels]. Too few rows show nothing: then it is not."""
    if len(seen) < FEWEST:
        return False
    as_they_are, mirrored = of_pictures(seen), of_pictures(seen[:, :, ::-1])
    order = np.random.default_rng(0).permutation(len(seen))
    better = worse = 0
    for learnt, asked in ((order[::2], order[1::2]), (order[1::2], order[::2])):
        both = np.concatenate([as_they_are[asked], mirrored[asked]])
        right, turned = (half == truth[asked] for half in np.split(answer(as_they_are[learnt], truth[learnt], both), 2))
        better, worse = better + int((turned & ~right).sum()), worse + int((right & ~turned).sum())
    return worse <= better or chance_of(better, worse) >= CERTAIN
