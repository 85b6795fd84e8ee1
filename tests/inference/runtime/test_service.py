"""The whole process over HTTP: load, faults of single models, keys that end, health, figures, goodbyes and the end."""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

from contracts.prediction import Placement, Principal
from contracts.problems import Unavailable
from inference.runtime.settings import Settings
from tests.inference.runtime.backends import Gated, opened
from tests.inference.runtime.house import ALICE, SCOPES, House, bearer, dummy_artifact, serving

PATH = "/v1/endpoints/parts/predict"


class Down(House):
    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        raise Unavailable


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, "it never became so"
        time.sleep(0.01)


def gauge(client: httpx.Client, name: str) -> float:
    lines = client.get("/metrics").text.splitlines()
    return next(float(line.split()[-1]) for line in lines if line.startswith(f"landfall_runtime_{name} "))


def test_more_than_the_queue_holds_is_429_and_the_rest_is_answered(house: House, tmp_path: Path) -> None:
    model = Gated()
    with (
        serving(house, Settings(cache=tmp_path, engines=1, queue_inputs=4), load=lambda *_: model) as client,
        ThreadPoolExecutor(12) as threads,
    ):

        def post() -> httpx.Response:
            return client.post(PATH, json={"inputs": "x"})

        running = threads.submit(post)
        until(lambda: bool(model.batches))
        posted = [threads.submit(post) for _ in range(10)]
        until(lambda: sum(each.done() for each in posted) == 6)
        model.gate.set()
        answers = [each.result() for each in posted]
        assert running.result().status_code == 200
    assert sorted(each.status_code for each in answers) == [200] * 4 + [429] * 6
    refused = next(each for each in answers if each.status_code == 429)
    assert refused.json()["error"]["code"] == "overloaded"
    assert refused.headers["Retry-After"] == "1"


def test_a_broken_model_is_503_for_its_own_endpoint_only(house: House, tmp_path: Path) -> None:
    broken = dummy_artifact(tmp_path / "broken")
    (broken / "task.json").write_bytes(b"{}")
    house.release(broken, endpoint="broken", model="mdl_broken")
    with serving(house, Settings(cache=tmp_path / "cache")) as client:
        for _ in range(2):
            response = client.post("/v1/endpoints/broken/predict", json={"inputs": "x"})
            assert response.status_code == 503
            assert response.json()["error"]["code"] == "model_unavailable"
            assert 1 <= int(response.headers["Retry-After"]) <= 120
            assert client.post(PATH, json={"inputs": "x"}).status_code == 200


def test_a_model_that_loads_too_long_is_503_until_it_is_there(tmp_path: Path) -> None:
    house = House(fetch_s=0.3)
    house.release(dummy_artifact(tmp_path / "dummy"))
    with serving(house, Settings(cache=tmp_path / "cache", loading_s=0.05)) as client:
        response = client.post("/hf/parts", json={"inputs": "x"})
        assert response.status_code == 503
        assert response.headers["Retry-After"] == "5"
        until(lambda: client.post("/hf/parts", json={"inputs": "x"}).status_code == 200)


def test_a_revoked_key_stops_within_the_directorys_memory(house: House, tmp_path: Path) -> None:
    house.keys["lf_test_brief"] = Principal(tenant="acme", key="key_b", scopes=SCOPES)
    with serving(house, Settings(cache=tmp_path, directory_s=0.2)) as client:

        def status() -> int:
            return client.post(PATH, json={"inputs": "x"}, headers=bearer("lf_test_brief")).status_code

        assert status() == 200
        del house.keys["lf_test_brief"]
        time.sleep(0.25)
        assert status() == 401
        assert client.post(PATH, json={"inputs": "x"}).status_code == 200


def test_by_default_a_revoked_key_stops_within_five_seconds(tmp_path: Path) -> None:
    assert Settings(cache=tmp_path).directory_s < 5


def test_a_new_release_is_served_when_the_old_placement_is_forgotten(tmp_path: Path) -> None:
    house = House()
    artifact = dummy_artifact(tmp_path / "dummy")
    house.release(artifact, model="mdl_1")
    with serving(house, Settings(cache=tmp_path / "cache", directory_s=0.05)) as client:
        assert client.post(PATH, json={"inputs": "x"}).headers["X-Model-Version"] == "mdl_1"
        house.release(artifact, model="mdl_2")
        time.sleep(0.1)
        assert client.post(PATH, json={"inputs": "x"}).headers["X-Model-Version"] == "mdl_2"


def test_a_fault_of_ours_is_500_with_no_detail_and_a_full_log(
    house: House, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    model = opened()
    with caplog.at_level(logging.ERROR), serving(house, Settings(cache=tmp_path), load=lambda *_: model) as client:
        response = client.post(PATH, json={"inputs": "poison"})
        assert response.status_code == 500
        error = response.json()["error"]
        assert error["code"] == "internal_error"
        assert "poison" not in response.text
        assert error["request_id"] in caplog.text
        assert "FloatingPointError: poison" in caplog.text
        assert ALICE not in caplog.text
        assert client.post(PATH, json={"inputs": "fine"}).status_code == 200


def test_a_house_that_cannot_be_asked_is_503(tmp_path: Path) -> None:
    with serving(Down(), Settings(cache=tmp_path)) as client:
        response = client.post(PATH, json={"inputs": "x"})
    assert response.status_code == 503
    assert response.headers["Retry-After"] == "5"
    assert response.json()["error"]["code"] == "unavailable"


def test_an_answer_that_takes_too_long_is_504(house: House, tmp_path: Path) -> None:
    model = Gated()
    with serving(house, Settings(cache=tmp_path, answer_s=0.2), load=lambda *_: model) as client:
        response = client.post(PATH, json={"inputs": "x"})
        assert response.status_code == 504
        assert response.json()["error"]["code"] == "timeout"
        model.gate.set()
        assert client.post(PATH, json={"inputs": "x"}).status_code == 200


def test_a_client_that_hangs_up_leaves_the_queue(house: House, tmp_path: Path) -> None:
    model = Gated()
    with (
        serving(house, Settings(cache=tmp_path, engines=1), load=lambda *_: model) as client,
        ThreadPoolExecutor(2) as threads,
    ):
        running = threads.submit(client.post, PATH, json={"inputs": "first"})
        until(lambda: bool(model.batches))
        with pytest.raises(httpx.ReadTimeout):
            client.post(PATH, json={"inputs": ["never", "mind"]}, timeout=0.2)
        until(lambda: gauge(client, "waiting_inputs") == 0)
        model.gate.set()
        assert running.result().status_code == 200
        assert client.post(PATH, json={"inputs": "last"}).status_code == 200
        assert 'status="499"} 1' in client.get("/metrics").text
    assert model.batches == [["first"], ["last"]]


def test_health_and_figures(house: House, tmp_path: Path) -> None:
    with serving(house, Settings(cache=tmp_path)) as client:
        assert client.get("/livez").status_code == client.get("/readyz").status_code == 200
        client.post(PATH, json={"inputs": ["x", "y"]})
        client.post(PATH, json={"inputs": []})
        client.post("/hf/parts", json={"inputs": "x"})
        page = client.get("/metrics")
    assert page.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    lines = page.text.splitlines()
    assert 'landfall_runtime_requests_total{surface="native",status="200"} 1' in lines
    assert 'landfall_runtime_requests_total{surface="native",status="422"} 1' in lines
    assert 'landfall_runtime_requests_total{surface="huggingface",status="200"} 1' in lines
    assert "landfall_runtime_batch_size_sum 3.0" in lines
    assert "landfall_runtime_models 1" in lines
    assert "acme" not in page.text


def test_at_the_end_what_was_begun_is_answered(house: House, tmp_path: Path) -> None:
    model = Gated()
    with ThreadPoolExecutor(1) as threads:
        with ExitStack() as process:
            client = process.enter_context(serving(house, Settings(cache=tmp_path), load=lambda *_: model))
            begun = threads.submit(httpx.post, f"{client.base_url}{PATH}", json={"inputs": "x"}, headers=bearer(ALICE))
            until(lambda: bool(model.batches))
            threading.Timer(0.3, model.gate.set).start()
        assert begun.result().status_code == 200


def test_settings_that_make_no_sense_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="engines must be above zero"):
        Settings(cache=tmp_path, engines=0)
    with pytest.raises(ValueError, match="precision must be one of"):
        Settings(cache=tmp_path, precision="fp8")
