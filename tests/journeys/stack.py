"""The whole one-machine stack, started once a session: journeys and real clients meet it over HTTP alone.

It has stores of its own, so that its rows and those of the tests beside it never meet, and a tiny base model beside
the real one, so that a training takes seconds. Leases are short: a lost worker is missed soon. A training has one
thread: other tests run beside it, and threads that wait for each other on a shared core wait long.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from embedded import stack, supervisor
from embedded.addresses import Addresses
from embedded.demo.client import Client

GIVEN_STORES = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL", "LANDFALL_PORT")
HURRIED = {
    "LANDFALL_LEASE_S": "6",
    "LANDFALL_HEARTBEAT_S": "1",
    "LANDFALL_RECONCILE_S": "1",
    "LANDFALL_CHECKPOINT_S": "1",
    "OMP_NUM_THREADS": "1",
}
PATIENCE_S = 120.0

# One worker of pytest-xdist runs everything that meets the stack: there is one.
together = pytest.mark.xdist_group("stack")


@dataclass(frozen=True)
class Stack:
    """A running installation; `acme` and `globex` are its two example tenants."""

    addresses: Addresses
    state: Path

    @property
    def acme(self) -> Client:
        return Client(self.addresses.base_url, self.addresses.api_key)

    @property
    def globex(self) -> Client:
        return Client(self.addresses.base_url, self.addresses.other_api_key)

    def process(self, word: str) -> psutil.Process:
        """The part whose command line holds `word`, e.g. `workers.gpu`."""
        pid = supervisor.holder(stack.lock(self.state))
        return next(one for one in psutil.Process(pid).children() if word in " ".join(one.cmdline()))


@pytest.fixture(scope="session")
def landfall(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    from tests.engine import tiny  # torch: only where the stack is really started

    folder = tmp_path_factory.mktemp("landfall")
    bases = folder / "bases.json"
    bases.write_text(json.dumps([{"name": "tiny", "location": str(tiny.base(folder / "tiny"))}]))
    state = folder / "state"
    try:
        yield Stack(addresses=_up(state, {**HURRIED, "LANDFALL_BASE_MODELS": str(bases)}), state=state)
    finally:
        stack.down(state, print)


def _up(state: Path, settings: dict[str, str]) -> Addresses:
    """The environment is changed no longer than the start takes: other tests run in this process afterwards."""
    with pytest.MonkeyPatch.context() as environment:
        for name in GIVEN_STORES:
            environment.delenv(name, raising=False)
        for name, value in settings.items():
            environment.setenv(name, value)
        return stack.up(state, print)


def messages(folder: Path, *, rows: int = 300) -> Path:
    """A CSV that the tiny base model can learn: three labels, a few telling words in each text."""
    from tests.engine import tiny

    path = folder / "messages.csv"
    lines = [f"{text},{label}" for text, label, _ in tiny.rows(train=rows, validation=0, test=0)]
    path.write_text("\n".join(["message,part", *lines]) + "\n")
    return path


def task_of(tenant: Client, file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """The uploaded file and a task defined on the data set made of it."""
    uploaded = tenant.upload(file, purpose="fine-tune")
    made = tenant.post("/v1/datasets", {"file": uploaded["id"], "columns": {"text": "message", "label": "part"}})
    ready = tenant.poll(f"/v1/datasets/{made['id']}", until=lambda one: one["status"] != "processing", limit_s=60)
    assert ready["status"] == "ready", ready["error"]
    body = {"name": f"parts {os.urandom(4).hex()}", "type": "text-classification", "dataset": ready["id"]}
    return uploaded, tenant.post("/v1/tasks", body)


def until(condition: Callable[[], Any]) -> Any:
    """What `condition` gives once it is true."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := condition()):
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)
    return found
