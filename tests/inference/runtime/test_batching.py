"""The batcher alone: what becomes a batch, whose turn it is, who is refused, who is dropped, who fails with whom."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from inference.runtime.batching import Batcher, Item, Overloaded, Ticket, micro_batches
from inference.runtime.model import Output
from tests.inference.runtime.backends import Gated, Letters, opened


def batcher_of(*, engines: int = 1, batch_tokens: int = 100, queue_inputs: int = 10, total: int = 15) -> Batcher:
    return Batcher(
        engines=engines,
        batch_tokens=batch_tokens,
        micro_tokens=1_000,
        queue_inputs=queue_inputs,
        queue_inputs_total=total,
    )


@pytest.fixture
async def batcher() -> AsyncIterator[Batcher]:
    batcher = batcher_of()
    yield batcher
    batcher.close()


def sent(batcher: Batcher, model: Gated, *texts: str) -> asyncio.Task[list[Output]]:
    return asyncio.create_task(batcher.run(model, [Letters(text) for text in texts]))


async def until_running(model: Gated, batches: int = 1) -> None:
    while len(model.batches) < batches:
        await asyncio.sleep(0.001)


async def test_outputs_come_back_in_the_order_of_their_inputs(batcher: Batcher) -> None:
    outputs = await batcher.run(opened(), [Letters(text) for text in ("aaa", "a", "aaaaa", "aa")])
    assert [output[0] for output in outputs] == [3, 1, 5, 2]


async def test_what_queued_while_the_engine_was_busy_becomes_one_batch_longest_first(batcher: Batcher) -> None:
    model = Gated()
    first = sent(batcher, model, "first")
    await until_running(model)
    rest = [sent(batcher, model, text) for text in ("b", "ddd", "cc")]
    await asyncio.sleep(0)
    model.gate.set()
    await asyncio.gather(first, *rest)
    assert model.batches == [["first"], ["ddd", "cc", "b"]]


async def test_requests_of_the_same_breath_share_a_batch(batcher: Batcher) -> None:
    model = opened()
    await asyncio.gather(*(sent(batcher, model, text) for text in ("a", "bb", "ccc")))
    assert model.batches == [["ccc", "bb", "a"]]


async def test_a_flood_for_one_model_delays_another_by_one_turn() -> None:
    batcher = batcher_of(batch_tokens=10, queue_inputs=1_000, total=1_000)
    flooded, other = Gated(), Gated()
    flooded.gate = other.gate
    flood = [sent(batcher, flooded, "aaaaa") for _ in range(50)]
    await until_running(flooded)
    single = sent(batcher, other, "b")
    await asyncio.sleep(0)
    other.gate.set()
    await single
    assert len(flooded.batches) <= 3  # the running one, its next turn, and one begun while the answer travelled
    await asyncio.gather(*flood)
    batcher.close()


async def test_a_full_queue_refuses_and_leaves_other_models_alone(batcher: Batcher) -> None:
    model, other = Gated(), opened()
    running = sent(batcher, model, "x")
    await until_running(model)
    waiting = sent(batcher, model, *"abcdefgh")
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as caught:
        await batcher.run(model, [Letters("y")] * 3)
    assert caught.value.status == 429
    assert caught.value.headers == {"Retry-After": "1"}
    allowed = [sent(batcher, model, "y", "z"), sent(batcher, other, "other")]
    await asyncio.sleep(0)
    model.gate.set()
    await asyncio.gather(running, waiting, *allowed)
    assert batcher.waiting == 0


async def test_a_client_that_is_gone_is_dropped_and_frees_its_place(batcher: Batcher) -> None:
    model = Gated()
    running = sent(batcher, model, "x")
    await until_running(model)
    gone, stays = sent(batcher, model, *"abcdefgh"), sent(batcher, model, "stays")
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.wait({gone})
    assert batcher.waiting == 1
    model.gate.set()
    await asyncio.gather(running, stays)
    assert model.batches == [["x"], ["stays"]]


async def test_one_poisoned_input_fails_its_own_request_only(batcher: Batcher) -> None:
    model = opened()
    bad, *good = [sent(batcher, model, *texts) for texts in (["fine", "poison"], ["good"], ["better", "best"])]
    for task in good:
        await task
    with pytest.raises(FloatingPointError):
        await bad
    again = await batcher.run(model, [Letters("ok")])
    assert again[0][0] == 2


async def test_engines_share_a_turn() -> None:
    batcher = batcher_of(engines=2)
    model = Gated()
    tasks = [sent(batcher, model, text) for text in ("a", "bb", "ccc", "dddd")]
    await until_running(model, batches=2)
    model.gate.set()
    await asyncio.gather(*tasks)
    assert sorted(model.batches) == [["bb", "a"], ["dddd", "ccc"]]
    batcher.close()


@pytest.mark.parametrize(
    ("lengths", "cells", "rows", "expected"),
    [
        ([3, 30, 4, 29], 60, 8, [[30, 29], [4, 3]]),  # a fifth cell row would pad 4 and 3 to 30
        ([5, 5, 5, 5], 100, 2, [[5, 5], [5, 5]]),
        ([500, 1], 60, 8, [[500], [1]]),  # longer than the budget, and alone with it
        ([2], 60, 8, [[2]]),
    ],
)
async def test_micro_batches_hold_near_equal_lengths(
    lengths: list[int], cells: int, rows: int, expected: list[list[int]]
) -> None:
    ticket = Ticket([Letters("x" * length) for length in lengths], asyncio.get_running_loop().create_future())
    parts = micro_batches([Item(ticket, place) for place in range(len(lengths))], cells=cells, rows=rows)
    assert [[item.encoded.tokens for item in part] for part in parts] == expected
