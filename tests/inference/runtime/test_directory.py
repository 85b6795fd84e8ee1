"""The short memory before the house: asked once at a time, forgotten in time, never wiser than the house."""

import asyncio

import pytest

from contracts.prediction import Placement, Principal
from contracts.problems import Unavailable
from inference.runtime.directory import REMEMBERED, CachedDirectory, DirectoryUnavailable
from tests.inference.runtime.house import ALICE, House


class Slow(House):
    """Answers after the loop went round, so that questions overlap."""

    async def authenticate(self, secret: str) -> Principal | None:
        await asyncio.sleep(0.01)
        return await super().authenticate(secret)


class Down(House):
    async def authenticate(self, secret: str) -> Principal | None:
        raise Unavailable

    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        raise Unavailable


async def test_a_question_is_asked_once_by_many_and_then_remembered() -> None:
    house = Slow()
    cached = CachedDirectory(house, ttl_s=60)
    answers = await asyncio.gather(*(cached.authenticate(ALICE) for _ in range(20)))
    assert answers == [house.keys[ALICE]] * 20
    await cached.authenticate(ALICE)
    assert house.asked == [ALICE]


async def test_a_caller_who_hangs_up_leaves_the_question_to_the_others() -> None:
    cached = CachedDirectory(Slow(), ttl_s=60)
    first, second = (asyncio.create_task(cached.authenticate(ALICE)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert await second is not None


async def test_an_unknown_key_is_remembered_as_unknown() -> None:
    house = House()
    cached = CachedDirectory(house, ttl_s=60)
    assert [await cached.authenticate("nobody") for _ in range(3)] == [None] * 3
    assert house.asked == ["nobody"]


async def test_a_revoked_key_is_forgotten_after_its_time() -> None:
    house = House()
    cached = CachedDirectory(house, ttl_s=0.05)
    assert await cached.authenticate(ALICE) is not None
    del house.keys[ALICE]
    assert await cached.authenticate(ALICE) is not None
    await asyncio.sleep(0.06)
    assert await cached.authenticate(ALICE) is None


async def test_a_flood_of_invented_keys_does_not_grow_the_memory() -> None:
    house = House()
    cached = CachedDirectory(house, ttl_s=60)
    await cached.authenticate("first")
    for number in range(REMEMBERED):
        await cached.authenticate(f"invented {number}")
    await cached.authenticate("first")
    assert house.asked.count("first") == 2


async def test_a_house_that_cannot_be_asked_is_503_and_not_remembered() -> None:
    cached = CachedDirectory(Down(), ttl_s=60)
    for _ in range(2):
        with pytest.raises(DirectoryUnavailable) as caught:
            await cached.authenticate(ALICE)
        assert caught.value.status == 503
        assert caught.value.headers == {"Retry-After": "5"}
