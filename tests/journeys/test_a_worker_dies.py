"""`kill -9` of a worker in the middle of a real training, and a cancel: the job ends as promised, once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from embedded.demo.client import Client
from tests.journeys.stack import Stack, messages, task_of, together, until

pytestmark = together

LONG = {"n_epochs": 40, "batch_size": 8, "patience": 40}  # some ten seconds with the tiny base


def submitted(tenant: Client, folder: Path, **more: Any) -> str:
    file, task = task_of(tenant, messages(folder))
    body = {"model": "tiny", "training_file": file["id"], "task": task["id"], "hyperparameters": LONG, **more}
    path: str = f"/v1/fine_tuning/jobs/{tenant.post('/v1/fine_tuning/jobs', body)['id']}"
    return path


def training_since(tenant: Client, path: str, step: int) -> dict[str, Any] | None:
    """The job, once its training has passed `step`."""
    job = tenant.get(path)
    assert job["status"] in ("queued", "running"), job
    progress = job["progress"] or {}
    return job if progress.get("phase") == "training" and progress["step"] > step else None


def sentences(tenant: Client, path: str) -> Iterator[str]:
    """What the job said, page by page."""
    page = tenant.get(f"{path}/events", limit=100)
    while page["data"]:
        yield from (event["message"] for event in page["data"])
        page = tenant.get(f"{path}/events", limit=100, after=page["last_id"])


def engines() -> set[int]:
    """The engine's processes on this machine."""
    found = psutil.process_iter(["cmdline"])
    return {one.pid for one in found if "training.engine" in (one.info["cmdline"] or [])}


def test_the_job_is_finished_by_another_worker_from_the_last_checkpoint(landfall: Stack, tmp_path: Path) -> None:
    with landfall.acme as acme:
        path = submitted(acme, tmp_path)
        until(lambda: training_since(acme, path, 150))
        before = engines()
        worker = landfall.process("workers.gpu")
        for process in (*worker.children(), worker):
            if process.pid not in before:
                process.kill()
        until(lambda: not before & engines())  # the engine dies with its worker
        job = until(lambda: (found := acme.get(path))["finished_at"] and found)
        assert (job["status"], job["attempt"], job["error"]) == ("succeeded", 2, None)
        resumed = next(sentence for sentence in sentences(acme, path) if "goes on from step" in sentence)
        assert int(resumed.split("step ")[1].rstrip(".")) > 0
        models = acme.get("/v1/models?limit=100")["data"]
        assert [model["id"] for model in models if model.get("job") == job["id"]] == [job["fine_tuned_model"]]


def test_a_cancel_reaches_the_child(landfall: Stack, tmp_path: Path) -> None:
    with landfall.acme as acme:
        path = submitted(acme, tmp_path)
        until(lambda: training_since(acme, path, 20))
        running = engines()
        assert running
        acme.post(f"{path}/cancel", {})
        job = until(lambda: (found := acme.get(path))["finished_at"] and found)
        assert (job["status"], job["fine_tuned_model"]) == ("cancelled", None)
        until(lambda: not running & engines())
