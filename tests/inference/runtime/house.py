"""The runtime's surroundings in memory: keys, endpoints, an artifact store on disk, and uvicorn on a free port."""

import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import uvicorn

from contracts.codec import to_json
from contracts.manifest import seal
from contracts.prediction import Placement, Principal
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from inference.runtime.app import App, build
from inference.runtime.model import Load
from inference.runtime.settings import Settings

ALICE, CHARLIE = "lf_test_alice", "lf_test_charlie"  # two tenants' keys
LABELS = ("brakes", "engine", "tyres")
SCOPES = frozenset({"predict"})


def dummy_artifact(folder: Path, **about: str | int | float | bool | None) -> Path:
    """An artifact of the dummy backend: a task, no weights."""
    folder.mkdir(parents=True)
    (folder / "task.json").write_bytes(to_json(TaskSpec(kind=TEXT_CLASSIFICATION, labels=LABELS)))
    seal(folder, kind="model", about={"backend": "dummy", **about})
    return folder


@dataclass
class House:
    """A `Directory` and a `Fetch` that count what they are asked."""

    keys: dict[str, Principal] = field(default_factory=dict)
    placements: dict[tuple[str, str], Placement] = field(default_factory=dict)
    artifacts: dict[str, Path] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    fetch_s: float = 0.0

    def __post_init__(self) -> None:
        self.keys[ALICE] = Principal(tenant="acme", key="key_a", scopes=SCOPES)
        self.keys[CHARLIE] = Principal(tenant="other", key="key_c", scopes=SCOPES)

    def release(
        self,
        artifact: Path,
        *,
        endpoint: str = "parts",
        tenant: str = "acme",
        model: str = "mdl_1",
        kind: str = TEXT_CLASSIFICATION,
        form: str = "single-label",
    ) -> None:
        prefix = f"tenants/{tenant}/models/{model}/1"
        self.artifacts[prefix] = artifact
        self.placements[tenant, endpoint] = Placement(
            tenant=tenant, endpoint=endpoint, model=model, task_kind=kind, task_form=form, prefix=prefix
        )

    async def authenticate(self, secret: str) -> Principal | None:
        self.asked.append(secret)
        return self.keys.get(secret)

    async def resolve(self, tenant: str, endpoint: str) -> Placement | None:
        return self.placements.get((tenant, endpoint))

    def fetch(self, placement: Placement, into: Path) -> None:
        self.fetched.append(placement.model)
        time.sleep(self.fetch_s)
        shutil.copytree(self.artifacts[placement.prefix], into, dirs_exist_ok=True)


@contextmanager
def serving(house: House, settings: Settings, *, load: Load | None = None) -> Iterator[httpx.Client]:
    """A client with alice's key to a runtime behind a real uvicorn."""
    app = build(house, house.fetch, settings, load=load)
    with listening(app) as url, httpx.Client(base_url=url, headers=bearer(ALICE), timeout=20) as client:
        yield client


@contextmanager
def listening(app: App) -> Iterator[str]:
    config = uvicorn.Config(
        app, port=0, http="httptools", loop="uvloop", ws="none", lifespan="on", log_config=None, access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="uvicorn")
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive(), "uvicorn did not start"
            time.sleep(0.01)
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}
