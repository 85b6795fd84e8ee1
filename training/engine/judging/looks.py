"""What a few seconds without a neural network reach on pictures and sounds: a linear model over what can be measured.

Trained on the same rows and judged on the same test rows as the model. Features are standardised; how strongly the
linear model is held back is chosen on the training rows alone.
"""

from collections import Counter
from itertools import product

import numpy as np
from numpy.typing import NDArray

from training.engine.data.seeing import Seen
from training.engine.judging.baseline import Baselines

Features = NDArray[np.float32]  # [rows, features]

CELLS, ANGLES = 4, 9  # a side; of the half circle
BLOCK_MOST = 0.2  # of a block's length that one direction may have
SHADES = 4  # of each channel
SILENCE = 1.0  # byte: frames up to here are padding
PULLS = np.logspace(0, 6, 13)  # ridge penalties tried


def of_pictures(seen: Seen) -> Features:
    """Which way edges run, cell by cell (histograms of oriented gradients, Dalal and Triggs 2005), and colours."""
    shares: Features = seen.astype(np.float32) / np.float32(255)
    return np.hstack([_edges(shares.mean(3)), _colours(shares)])


def of_sounds(seen: Seen) -> Features:
    """Of each band mean and deviation of the loudness over the frames that sound."""
    bands = seen[..., 0].astype(np.float32)  # [rows, bands, frames]
    sounding = (bands.max(1, keepdims=True) > SILENCE).astype(np.float32)
    count = np.maximum(1, sounding.sum(2))
    mean = (bands * sounding).sum(2) / count
    deviation = np.sqrt((((bands - mean[..., None]) * sounding) ** 2).sum(2) / count)
    return np.hstack([mean, deviation])


def classes(name: str, shown: Features, truth: NDArray[np.int64], asked: Features) -> Baselines:
    """`shown`, `asked`: of train and test; `truth` and answers: [rows] class indices. Constant is the commonest."""
    from sklearn.linear_model import RidgeClassifierCV  # type: ignore[import-untyped]

    shown, asked = _standardised(shown, asked)
    commonest = Counter(truth.tolist()).most_common(1)[0][0]
    constant = np.full(len(asked), commonest)
    one = len(np.unique(truth)) == 1
    best = constant if one else RidgeClassifierCV(PULLS).fit(shown, truth).predict(asked)
    return Baselines(name=name, best=best, constant=constant)


def several(name: str, shown: Features, truth: NDArray[np.bool_], asked: Features) -> Baselines:
    """`truth` and answers: [rows, labels]. Constant is the commonest set of labels."""
    from sklearn.linear_model import RidgeCV

    shown, asked = _standardised(shown, asked)
    commonest = Counter(map(tuple, truth.tolist())).most_common(1)[0][0]
    best = RidgeCV(PULLS, alpha_per_target=True).fit(shown, truth.astype(np.float32)).predict(asked)
    return Baselines(
        name=name, best=best.reshape(len(asked), -1) >= 0.5, constant=np.tile(np.array(commonest), (len(asked), 1))
    )


def _edges(grey: Features) -> Features:
    """`grey`: [rows, height, width] from 0 to 1."""
    down, along = np.gradient(grey, axis=(1, 2))
    strength, angle = np.hypot(down, along), np.arctan2(down, along) % np.pi / np.pi * ANGLES
    lower, rest = np.floor(angle), angle % 1
    cells = np.empty((len(grey), CELLS, CELLS, ANGLES), dtype=np.float32)
    for at in range(ANGLES):
        share = strength * (np.where(lower % ANGLES == at, 1 - rest, 0) + np.where((lower + 1) % ANGLES == at, rest, 0))
        for row, column in product(range(CELLS), range(CELLS)):
            cells[:, row, column, at] = _cell(share, row, column).mean((1, 2))
    blocks = np.concatenate([cells[:, :-1, :-1], cells[:, 1:, :-1], cells[:, :-1, 1:], cells[:, 1:, 1:]], axis=3)
    blocks /= np.linalg.norm(blocks, axis=3, keepdims=True) + 1e-3
    return np.asarray(np.minimum(blocks, BLOCK_MOST).reshape(len(grey), -1))


def _cell(values: Features, row: int, column: int) -> Features:
    """One of `CELLS` times `CELLS` parts of [rows, height, width]."""
    top, bottom = (values.shape[1] * at // CELLS for at in (row, row + 1))
    left, right = (values.shape[2] * at // CELLS for at in (column, column + 1))
    return values[:, top : max(bottom, top + 1), left : max(right, left + 1)]


def _colours(shares: Features) -> Features:
    """Roots of the shares of the pixels, a colour a column; of greys a shade."""
    shades = np.minimum((shares * SHADES).astype(np.int64), SHADES - 1)
    channels = shades.shape[3]
    mixed = (shades * SHADES ** np.arange(channels)).sum(3).reshape(len(shares), -1)
    counts = np.stack([np.bincount(row, minlength=SHADES**channels) for row in mixed])
    return np.asarray(np.sqrt(counts / mixed.shape[1]), dtype=np.float32)


def _standardised(shown: Features, asked: Features) -> tuple[Features, Features]:
    mean, deviation = shown.mean(0), np.maximum(shown.std(0), 1e-6)
    return (shown - mean) / deviation, (asked - mean) / deviation
