"""Which rows come when: pure functions of (seed, epoch), so that a resumed training sees what the killed one would."""

from collections.abc import Sequence

import numpy as np

Rows = list[int]


def shuffled(count: int, *, batch_size: int, seed: int, epoch: int) -> list[Rows]:
    """Every row once, in random batches. For packed rows, which waste nothing on unequal lengths."""
    order = np.random.default_rng((seed, epoch)).permutation(count).tolist()
    return _cut(order, batch_size)


def bucketed(lengths: Sequence[int], *, batch_size: int, seed: int, epoch: int, pool: int = 50) -> list[Rows]:
    """Every row once, in batches of near-equal length: random pools of `pool` batches, each sorted, batches shuffled.

    For padded rows. The trick is the Trainer's `group_by_length`, Hugging Face transformers.
    """
    random = np.random.default_rng((seed, epoch))
    order: Rows = random.permutation(len(lengths)).tolist()
    batches = []
    for start in range(0, len(order), pool * batch_size):
        one = sorted(order[start : start + pool * batch_size], key=lambda row: lengths[row])
        batches += _cut(one, batch_size)
    return [batches[index] for index in random.permutation(len(batches))]


def by_length(lengths: Sequence[int], *, batch_size: int) -> list[Rows]:
    """Every row once, shortest first: for inference, where order does not matter."""
    return _cut(sorted(range(len(lengths)), key=lambda row: lengths[row]), batch_size)


def within_budget(rows: Rows, lengths: Sequence[int], *, tokens: int) -> list[Rows]:
    """A batch cut into parts of at most `tokens` tokens each (a single longer text stands alone)."""
    parts: list[Rows] = [[]]
    filled = 0
    for row in rows:
        if parts[-1] and filled + lengths[row] > tokens:
            parts.append([])
            filled = 0
        parts[-1].append(row)
        filled += lengths[row]
    return parts


def _cut(order: Rows, size: int) -> list[Rows]:
    return [order[start : start + size] for start in range(0, len(order), size)]
