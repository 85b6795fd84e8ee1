"""The whole stack, once up and once down: every part serves, the keys work, a dead part returns, nothing stays."""

import time
from pathlib import Path

import httpx
import psutil
import pytest

from embedded import place, processes, stack, supervisor
from embedded.addresses import Addresses
from embedded.parts import Ready
from tests.embedded.processes_of import PATIENCE_S, gone

PARTS = {"postgres", "redis", "s3", "provision", "migrate", "seed", "web", "runtime", "gpu", "cpu", "courier", "clock"}


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Without the tests' own stores in the environment, which would count as given ones."""
    for name in ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "LANDFALL_PORT"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_up_twice_a_part_lost_and_down_twice(state: Path) -> None:
    said: list[str] = []
    try:
        found = stack.up(state, said.append)
        assert {path.stem for path in place.logs(state).glob("*.log")} == PARTS | {"supervisor"}
        assert httpx.get(f"{found.base_url}/readyz").status_code == 200
        assert (state / "env").stat().st_mode & 0o777 == 0o600
        authenticated_and_apart(found)

        assert stack.up(state, said.append) == found
        assert said[-1] == "Landfall is already running."

        web = part_of(state, "uvicorn")
        web.kill()
        web.wait(timeout=10)
        assert returns(f"{found.base_url}/readyz")
        assert part_of(state, "uvicorn") != web
    finally:
        stack.down(state, said.append)
    stack.down(state, said.append)
    assert said[-2:] == ["Landfall has stopped.", "Landfall is not running."]
    assert gone(state)


def authenticated_and_apart(found: Addresses) -> None:
    """Each example tenant's key opens the API; no key does not."""
    with httpx.Client(base_url=found.base_url) as client:
        for key in (found.api_key, found.other_api_key):
            assert client.get("/v1/files", headers={"Authorization": f"Bearer {key}"}).status_code == 200
        assert client.get("/v1/files").status_code == 401


def part_of(state: Path, word: str) -> psutil.Process:
    pid = supervisor.holder(stack.lock(state))
    return next(child for child in psutil.Process(pid).children() if word in child.cmdline())


def returns(url: str) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if processes.answers(Ready(url=url)):
            return True
        time.sleep(0.1)
    return False
