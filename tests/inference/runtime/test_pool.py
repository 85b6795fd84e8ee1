"""Models in memory and artifacts on disk: loaded once, verified always, dropped in order, broken ones kept apart."""

import asyncio
import logging
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from contracts.manifest import Manifest
from contracts.prediction import Placement
from inference.runtime.disk import Artifacts
from inference.runtime.model import Model
from inference.runtime.pool import ModelLoading, ModelUnavailable, Pool
from tests.inference.runtime.backends import Gated
from tests.inference.runtime.house import House, dummy_artifact

Make = Callable[..., Pool]


@pytest.fixture
def house(tmp_path: Path) -> House:
    house = House()
    artifact = dummy_artifact(tmp_path / "dummy")
    for number in (1, 2, 3):
        house.release(artifact, endpoint=f"e{number}", model=f"mdl_{number}")
    return house


@pytest.fixture
def make(house: House, tmp_path: Path) -> Make:
    def made(**changed: float) -> Pool:
        artifacts = Artifacts(tmp_path / "cache", house.fetch, limit_bytes=int(changed.pop("disk_bytes", 1 << 30)))
        limits = {"memory_bytes": 1_000, "loaders": 4, "loading_s": 10.0, "loading_requests": 5, "broken_s": 60.0}
        return Pool(artifacts, load, **{**limits, **changed})  # type: ignore[arg-type]

    return made


def load(kind: str, folder: Path, manifest: Manifest) -> Model:
    return Gated(bytes=400)


def placed(house: House, number: int) -> Placement:
    return house.placements["acme", f"e{number}"]


async def test_however_many_ask_a_model_is_loaded_once(house: House, make: Make) -> None:
    pool = make()
    models = await asyncio.gather(*(pool.get(placed(house, 1)) for _ in range(5)))
    assert len(set(models)) == 1
    assert house.fetched == ["mdl_1"]


async def test_the_least_recently_used_model_leaves_and_returns_from_disk(house: House, make: Make) -> None:
    pool = make()
    first = await pool.get(placed(house, 1))
    second = await pool.get(placed(house, 2))
    assert await pool.get(placed(house, 1)) is first
    await pool.get(placed(house, 3))
    assert (len(pool), pool.bytes) == (2, 800)
    assert await pool.get(placed(house, 1)) is first
    assert await pool.get(placed(house, 2)) is not second
    assert house.fetched == ["mdl_1", "mdl_2", "mdl_3"]


async def test_a_model_larger_than_the_memory_is_still_served(house: House, make: Make) -> None:
    pool = make(memory_bytes=1)
    await pool.get(placed(house, 1))
    await pool.get(placed(house, 2))
    assert len(pool) == 1


async def test_a_broken_artifact_is_refused_logged_and_tried_again_later(
    house: House, make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    broken = dummy_artifact(tmp_path / "broken")
    whole = (broken / "task.json").read_bytes()
    (broken / "task.json").write_bytes(whole.replace(b"tyres", b"tires"))
    house.release(broken, endpoint="e4", model="mdl_4")
    pool = make(broken_s=0.2)
    with caplog.at_level(logging.ERROR):
        for _ in range(2):
            with pytest.raises(ModelUnavailable) as caught:
                await pool.get(placed(house, 4))
            assert caught.value.status == 503
            assert int(caught.value.headers["Retry-After"]) >= 1
    assert house.fetched == ["mdl_4"]
    assert "mdl_4 of tenant acme" in caplog.text
    assert "task.json differs from the manifest" in caplog.text
    assert await pool.get(placed(house, 1))
    (broken / "task.json").write_bytes(whole)
    await asyncio.sleep(0.25)
    assert await pool.get(placed(house, 4))


async def test_an_artifact_that_rots_on_disk_is_fetched_again(house: House, make: Make, tmp_path: Path) -> None:
    await make().get(placed(house, 1))
    (cached,) = (tmp_path / "cache" / "acme").glob("*/task.json")
    good = cached.read_bytes()
    cached.write_bytes(good[:-1] + b"]")
    await make().get(placed(house, 1))
    assert cached.read_bytes() == good
    assert house.fetched == ["mdl_1", "mdl_1"]


async def test_a_fetch_cut_short_leaves_nothing_behind(house: House, make: Make, tmp_path: Path) -> None:
    draft = tmp_path / "cache" / "acme" / ".left-by-a-killed-process"
    draft.mkdir(parents=True)
    del house.artifacts[placed(house, 1).prefix]
    pool = make()
    assert not draft.exists()
    with pytest.raises(ModelUnavailable):
        await pool.get(placed(house, 1))
    assert list((tmp_path / "cache" / "acme").iterdir()) == []


async def test_the_disk_keeps_what_was_opened_last(house: House, make: Make, tmp_path: Path) -> None:
    size = sum(path.stat().st_size for path in house.artifacts[placed(house, 1).prefix].iterdir())
    pool = make(disk_bytes=2 * size, memory_bytes=1)
    for number in (1, 2, 1, 3):
        await pool.get(placed(house, number))
        time.sleep(0.01)  # the order of openings is kept in the folders' times
    house.fetched.clear()
    await pool.get(placed(house, 1))
    assert house.fetched == []
    await pool.get(placed(house, 2))
    assert house.fetched == ["mdl_2"]


async def test_waiting_for_a_slow_model_ends_but_loading_goes_on(house: House, make: Make) -> None:
    house.fetch_s = 0.3
    pool = make(loading_s=0.05)
    with pytest.raises(ModelLoading) as caught:
        await pool.get(placed(house, 1))
    assert caught.value.status == 503
    assert caught.value.headers == {"Retry-After": "5"}
    await asyncio.sleep(0.4)
    assert await pool.get(placed(house, 1))
    assert house.fetched == ["mdl_1"]


async def test_few_may_wait_for_one_model_and_others_load_meanwhile(house: House, make: Make) -> None:
    house.fetch_s = 0.1
    pool = make(loading_requests=2)
    waiting = [asyncio.create_task(pool.get(placed(house, 1))) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(ModelLoading):
        await pool.get(placed(house, 1))
    await asyncio.gather(*waiting, pool.get(placed(house, 2)))


async def test_a_tenant_that_is_no_folder_name_reaches_no_path(house: House, make: Make, tmp_path: Path) -> None:
    house.release(tmp_path / "dummy", endpoint="e1", tenant="..", model="mdl_1")
    with pytest.raises(ModelUnavailable):
        await make().get(house.placements["..", "e1"])
    assert house.fetched == []
