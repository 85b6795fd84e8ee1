"""Models on the way: listed, downloaded, trained on from; theirs alone, and gone when nobody can want them any more."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db.models.functions import Now

from contracts.child import Candidate
from contracts.codec import from_json
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from jobs.handlers import Folders
from jobs.models import Job
from jobs.services import claims, ending
from storage import blobs, keys
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from tests.jobs.test_claims import sure
from training.services import checkpoints, fine_tunes, tidying


@pytest.fixture
def task(alice: Person) -> dict[str, Any]:
    return training.task(alice)


@pytest.fixture
def job(alice: Person, task: dict[str, Any]) -> Job:
    """Running, as its worker sees it."""
    training.fine_tune(alice, task)
    claimed = sure(claims.claim(queue=fine_tunes.QUEUE, worker="w", kinds=[fine_tunes.KIND]))
    return fresh(alice, claimed.job)


def fresh(person: Person, key: str) -> Job:
    with tenant_context(person.tenant.id):
        found: Job = Job.objects.get(id=key)
        return found


def offered(job: Job, place: Path, *steps: int) -> None:
    for step in steps:
        folder = place / str(step)
        folder.mkdir()
        (folder / "config.json").write_text(f'{{"step": {step}}}')
        seal(folder, kind="model", about={"step": step})
        values = {"train_loss": 0.5, "valid_loss": 1 / step, "valid_accuracy": 0.75}
        checkpoints.save(job, folder, Candidate(step=step, path=str(step), values=values))


def listed(person: Person, job: Job) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = person.get(f"/v1/fine_tuning/jobs/{job.id}/checkpoints").json()["data"]
    return found


def name(job: Job, step: int) -> str:
    return f"{job.spec['model']}:ckpt-step-{step}"


def stored(job: Job) -> list[str]:
    return blobs.listing(keys.model_folder(job.tenant_id, job.spec["model"]))


def test_the_newest_three_are_listed_as_openai_lists_them(
    alice: Person, charlie: Person, job: Job, tmp_path: Path
) -> None:
    offered(job, tmp_path, 4, 8, 12, 16)
    rows = listed(alice, job)
    assert [row["step_number"] for row in rows] == [16, 12, 8]
    assert (rows[0]["object"], rows[0]["fine_tuning_job_id"]) == ("fine_tuning.job.checkpoint", job.id)
    assert rows[0]["fine_tuned_model_checkpoint"] == name(job, 16)
    assert rows[0]["metrics"] == {
        "step": 16, "train_loss": 0.5, "valid_loss": 0.0625, "full_valid_loss": 0.0625, "valid_accuracy": 0.75
    }  # fmt: skip
    assert {key.split("/")[-2] for key in stored(job)} == {"step-8", "step-12", "step-16"}
    path = f"/v1/fine_tuning/jobs/{job.id}/checkpoints"
    assert [row["step_number"] for row in alice.get(f"{path}?limit=1&after={rows[0]['id']}").json()["data"]] == [12]
    assert charlie.get(path).status_code == 404


def test_what_a_stale_attempt_offers_does_not_count(alice: Person, job: Job, tmp_path: Path) -> None:
    ending.release(fresh(alice, job.id))
    offered(job, tmp_path, 4)
    assert (listed(alice, job), stored(job)) == ([], [])


def test_one_is_downloaded_and_trained_on_from_by_its_name_by_its_owner_alone(
    alice: Person, charlie: Person, task: dict[str, Any], job: Job, tmp_path: Path
) -> None:
    offered(job, tmp_path, 4)
    path = f"/v1/models/{name(job, 4)}"
    assert alice.get(path).json()["metrics"]["valid_accuracy"] == 0.75
    files = alice.get(f"{path}/download").json()["files"]
    assert [one["path"] for one in files] == ["config.json", "manifest.json"]
    for one in files:
        assert hashlib.sha256(httpx.get(one["url"]).content).hexdigest() == one["sha256"]
    later = training.fine_tune(alice, task, model=name(job, 4)).json()
    assert (later["status"], later["model"]) == ("queued", name(job, 4))
    folder = Folders(input=tmp_path / "input", work=tmp_path, output=tmp_path)
    folder.input.mkdir()
    fine_tunes.prepare(fresh(alice, later["id"]), folder)
    spec = from_json((folder.input / "spec.json").read_bytes(), FineTuneSpec)
    assert spec.base.name == "Parts-ckpt-step-4"
    assert (Path(spec.base.location) / "config.json").read_text() == '{"step": 4}'
    for foreign in (path, f"{path}/download"):
        assert charlie.get(foreign).status_code == 404
    refused = training.fine_tune(charlie, training.task(charlie), model=name(job, 4)).json()
    assert refused["error"]["code"] == "unknown_base_model"


def test_one_is_not_served(alice: Person, job: Job, tmp_path: Path) -> None:
    offered(job, tmp_path, 4)
    for meant in (name(job, 4), name(job, 5)):
        answer = alice.post("/v1/endpoints", {"name": "parts", "model": meant})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "checkpoint_not_served")


def test_the_best_is_the_model_itself_and_all_go_with_it(alice: Person, job: Job, tmp_path: Path) -> None:
    offered(job, tmp_path, 4, 8)
    blobs.put(keys.model(job.tenant_id, job.spec["model"], job.attempt) + "config.json", b"{}")
    ending.succeed(job, {"accuracy": 0.9, "best_step": 8}, fine_tunes.succeeded)
    assert [row["step_number"] for row in listed(alice, job)] == [8, 4]
    assert {key.split("/")[-2] for key in stored(job)} == {"1", "step-4"}
    kept = alice.delete(f"/v1/models/{name(job, 4)}")
    assert (kept.status_code, kept.json()["error"]["code"]) == (400, "checkpoint_of_model")
    assert alice.delete(f"/v1/models/{job.spec['model']}").status_code == 200
    assert (listed(alice, job), stored(job)) == ([], [])


def test_those_of_a_job_without_a_model_can_be_deleted_and_go_by_themselves_after_a_week(
    alice: Person, charlie: Person, job: Job, tmp_path: Path
) -> None:
    offered(job, tmp_path, 4, 8)
    key = keys.checkpoint(job.tenant_id, job.id, job.attempt, 9)
    blobs.put(f"{key}meta.json", b"{}")
    ending.keep_checkpoint(job, key, 9)
    alice.post(f"/v1/fine_tuning/jobs/{job.id}/cancel")
    ending.stop(job, fine_tunes.cancelled)
    assert charlie.delete(f"/v1/models/{name(job, 4)}").status_code == 404
    assert alice.delete(f"/v1/models/{name(job, 4)}").status_code == 200
    assert tidying.ended_checkpoints() == 1  # what it could have gone on from
    assert (blobs.listing(key), [row["step_number"] for row in listed(alice, job)]) == ([], [8])
    Job.objects.unscoped(using="system").filter(id=job.id).update(finished_at=Now() - checkpoints.KEPT - timedelta(1))
    assert (tidying.ended_checkpoints(), tidying.ended_checkpoints()) == (1, 0)
    assert (listed(alice, job), stored(job)) == ([], [])


def test_a_job_that_rests_too_long_is_cancelled_and_one_that_rests_keeps_what_it_has(
    alice: Person, job: Job, tmp_path: Path
) -> None:
    offered(job, tmp_path, 4)
    path = f"/v1/fine_tuning/jobs/{job.id}"
    assert alice.post(f"{path}/pause").json()["status"] == "running"
    ending.release(job)
    assert alice.get(path).json()["status"] == "paused"
    assert (tidying.long_pauses(), tidying.ended_checkpoints(), len(listed(alice, job))) == (0, 0, 1)
    Job.objects.unscoped(using="system").filter(id=job.id).update(
        paused_at=Now() - tidying.LONGEST_PAUSE - timedelta(1)
    )
    assert tidying.long_pauses() == 1
    assert alice.get(path).json()["status"] == "cancelled"
    resumed = alice.post(f"{path}/resume")
    assert (resumed.status_code, resumed.json()["error"]["code"]) == (400, "job_already_finished")
