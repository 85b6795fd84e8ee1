"""Which rows come when: every row once an epoch, the same order for the same seed, whatever else drew numbers."""

from collections.abc import Callable
from itertools import chain, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.engine.data.order import bucketed, by_length, shuffled, within_budget

Order = Callable[[int, int], list[list[int]]]  # (seed, epoch) -> batches

ROWS, BATCH = 1_000, 16
LENGTHS = np.random.default_rng(0).integers(3, 100, ROWS).tolist()
ORDERS: list[Order] = [
    lambda seed, epoch: shuffled(ROWS, batch_size=BATCH, seed=seed, epoch=epoch),
    lambda seed, epoch: bucketed(LENGTHS, batch_size=BATCH, seed=seed, epoch=epoch),
]


def spread(batches: list[list[int]]) -> float:
    """Longest minus shortest text of a batch, on average: what padding would fill."""
    return float(np.mean([max(LENGTHS[row] for row in one) - min(LENGTHS[row] for row in one) for one in batches]))


@pytest.mark.parametrize("order", ORDERS, ids=["shuffled", "bucketed"])
def test_an_order_is_a_function_of_seed_and_epoch_alone(order: Order) -> None:
    np.random.seed(1)
    first = order(7, 2)
    np.random.seed(2)
    assert order(7, 2) == first
    assert order(8, 2) != first
    assert order(7, 3) != first


@given(count=st.integers(1, 300), batch_size=st.integers(1, 64), seed=st.integers(0, 2**31), epoch=st.integers(0, 99))
@settings(deadline=None)
def test_every_row_comes_once_in_batches_as_large_as_asked(count: int, batch_size: int, seed: int, epoch: int) -> None:
    lengths = LENGTHS[:count]
    for batches in (
        shuffled(count, batch_size=batch_size, seed=seed, epoch=epoch),
        bucketed(lengths, batch_size=batch_size, seed=seed, epoch=epoch, pool=3),
        by_length(lengths, batch_size=batch_size),
    ):
        assert sorted(chain(*batches)) == list(range(count))
        assert len(batches) == -(-count // batch_size)
        assert max(map(len, batches)) <= batch_size


def test_buckets_hold_texts_of_near_equal_length() -> None:
    plain, buckets = (order(0, 0) for order in ORDERS)
    assert spread(buckets) < spread(plain) / 10


def test_buckets_come_in_no_order_of_length() -> None:
    means = [np.mean([LENGTHS[row] for row in one]) for one in ORDERS[1](0, 0)]
    rising = sum(one < other for one, other in pairwise(means))
    assert 0.25 < rising / len(means) < 0.75


def test_for_inference_the_shortest_come_first() -> None:
    lengths = [LENGTHS[row] for row in chain(*by_length(LENGTHS, batch_size=BATCH))]
    assert lengths == sorted(LENGTHS)


@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=60), tokens=st.integers(1, 200))
@settings(deadline=None)
def test_parts_of_a_batch_keep_within_the_budget_and_are_no_more_than_needed(lengths: list[int], tokens: int) -> None:
    parts = within_budget(list(range(len(lengths))), lengths, tokens=tokens)
    filled = [sum(lengths[row] for row in part) for part in parts]
    assert list(chain(*parts)) == list(range(len(lengths)))
    assert all(one <= tokens or len(part) == 1 for one, part in zip(filled, parts, strict=True))
    assert all(one + lengths[after[0]] > tokens for one, after in zip(filled, parts[1:], strict=False))
