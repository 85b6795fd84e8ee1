"""MLflow's read API: searches are answered by the rows, refusals in MLflow's shape, foreign things like absent ones."""

from typing import Any

import pytest
from django.db.models.functions import Now

from jobs.models import Job, JobEvent
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from tests.inference import trained
from training.models import FineTune, Model

API = "/mlflow/api/2.0/mlflow"


@pytest.fixture
def runs(alice: Person) -> tuple[str, str]:
    """Two fine-tunes of one task: one that succeeded with 0.9 by LoRA, one that waits."""
    task = training.task(alice)
    done = training.fine_tune(alice, task, method="lora", metadata={"team": "parts"}).json()["id"]
    waiting = training.fine_tune(alice, task, method="full", seed=1, hyperparameters={"n_epochs": 5}).json()["id"]
    with tenant_context(alice.tenant.id):
        lease = {"lease_until": Now(), "worker": "gpu-1", "claimed_at": Now(), "started_at": Now()}
        Job.objects.filter(id=done).update(state="running", attempt=1, **lease)
        job = Job.objects.get(id=done)
        for number, accuracy in ((10, 0.5), (11, 0.8)):
            JobEvent.objects.create(
                job=job, number=number, type="metrics", message="", data={"step": number, "valid_accuracy": accuracy}
            )
        summary = {"accuracy": 0.9, "better": True}
        Job.objects.filter(id=done).update(state="succeeded", lease_until=None, finished_at=Now(), summary=summary)
    return done, waiting


def search(person: Person, runs: tuple[str, str], text: str = "", **more: Any) -> list[str]:
    with tenant_context(person.tenant.id):
        task = FineTune.objects.filter(job_id=runs[0]).values_list("task_id", flat=True).first()
    answer = person.post(f"{API}/runs/search", {"experiment_ids": [task or "task_x"], "filter": text, **more})
    assert answer.status_code == 200, answer.content
    return [run["info"]["run_id"] for run in answer.json()["runs"]]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", (0, 1)),
        ("metrics.accuracy > 0.85", (0,)),
        ("metrics.accuracy <= 0.85", ()),
        ("params.method = 'full' and params.n_epochs = \"5\"", (1,)),
        ("params.method != 'full'", (0,)),
        ("tags.team = 'parts' AND metrics.`accuracy` >= 0.9", (0,)),
        ("tags.team LIKE 'pa%'", (0,)),
        ("tags.team = 'a AND b'", ()),
    ],
)
def test_runs_are_found_by_what_they_were_asked_and_came_to(
    alice: Person, runs: tuple[str, str], text: str, kept: tuple[int, ...]
) -> None:
    assert set(search(alice, runs, text)) == {runs[number] for number in kept}


def test_runs_come_in_the_order_asked_for_page_by_page(alice: Person, runs: tuple[str, str]) -> None:
    assert search(alice, runs, order_by=["metrics.accuracy DESC"]) == list(runs)
    assert search(alice, runs, order_by=["params.method ASC"]) == list(reversed(runs))
    assert search(alice, runs, max_results=1) == [runs[1]]
    assert search(alice, runs, max_results=1, page_token="1") == [runs[0]]


@pytest.mark.parametrize(
    "asked",
    [
        {"filter": "metrics.accuracy > 'high'"},
        {"filter": "metrics.accuracy > 1e999"},
        {"filter": "params.method > 'a'"},
        {"filter": "secrets.key = 'a'"},
        {"filter": "metrics.accuracy"},
        {"filter": 7},
        {"order_by": ["; DROP TABLE"]},
        {"order_by": "metrics"},
        {"max_results": -1},
        {"page_token": "x"},
        {"experiment_ids": "task"},
    ],
)
def test_what_cannot_be_read_is_told_in_mlflows_shape(alice: Person, asked: dict[str, Any]) -> None:
    answer = alice.post(f"{API}/runs/search", {"experiment_ids": [], **asked})
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "INVALID_PARAMETER_VALUE"
    assert set(answer.json()) == {"error_code", "message"}


def test_a_run_tells_its_newest_measurements_and_a_metric_its_history(alice: Person, runs: tuple[str, str]) -> None:
    data = alice.get(f"{API}/runs/get?run_id={runs[0]}").json()["run"]["data"]
    assert {one["key"]: one["value"] for one in data["metrics"]} == {"valid_accuracy": 0.8, "accuracy": 0.9}
    told = alice.get(f"{API}/metrics/get-history?run_id={runs[0]}&metric_key=valid_accuracy").json()["metrics"]
    assert [(one["step"], one["value"]) for one in told] == [(10, 0.5), (11, 0.8)]


def test_an_alias_moves_from_version_to_version(alice: Person, charlie: Person) -> None:
    first = trained.model(alice.tenant)
    with tenant_context(alice.tenant.id):
        task = Model.objects.get(id=first).task
    second = trained.model(alice.tenant, task=task)
    for version, model in enumerate((first, second), 1):
        assert alice.post(f"/v1/models/{model}/aliases", {"name": "champion"}).status_code == 200
        found = alice.get(f"{API}/registered-models/alias?name={task.name}&alias=champion").json()["model_version"]
        assert (found["version"], found["source"], found["aliases"]) == (str(version), model, ["champion"])
    assert alice.get(f"/v1/models/{first}").json()["aliases"] == []
    assert [one["name"] for one in alice.get(f"/v1/models/{second}/aliases").json()["data"]] == ["champion"]
    assert [one["id"] for one in alice.get(f"/v1/models/{first}/versions").json()["data"]] == [second, first]
    assert alice.delete(f"/v1/models/{first}/aliases/champion").status_code == 404
    assert alice.delete(f"/v1/models/{second}/aliases/champion").status_code == 200
    assert alice.post(f"/v1/models/{first}/aliases", {"name": "Best!"}).status_code == 400


def test_foreign_things_are_answered_like_absent_ones(alice: Person, charlie: Person, runs: tuple[str, str]) -> None:
    absent = runs[0][:-26] + "0" * 26
    foreign, none = (charlie.get(f"{API}/runs/get?run_id={run}") for run in (runs[0], absent))
    assert (foreign.status_code, foreign.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    assert foreign.content == none.content.replace(absent.encode(), runs[0].encode())
    assert search(charlie, runs) == []
    for path in ("registered-models/search", "model-versions/search"):
        assert not any(charlie.get(f"{API}/{path}").json().values())
