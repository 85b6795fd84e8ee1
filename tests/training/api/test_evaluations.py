"""Evaluations: asked for with every fault at once, run on published files, told in a report its owner alone reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.task import TEXT_CLASSIFICATION, TRANSLATION
from storage import blobs, keys
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.engine import tiny
from tests.engine.engine import run
from tests.factories import training
from tests.inference import trained
from training.models import DatasetVersion, Model

JOBS = "/v1/evaluation/jobs"


def faults(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.content
    return {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}


def test_every_fault_is_told_at_once(alice: Person, charlie: Person) -> None:
    own, writer, foreign = (
        trained.model(alice.tenant), trained.model(alice.tenant, kind=TRANSLATION), trained.model(charlie.tenant)
    )  # fmt: skip
    pair = trained.model(alice.tenant, form="multi-label")
    assert faults(alice.post(JOBS, {"model": foreign, "against": "mdl_0", "dataset": "ds_0"})) == {
        ("model", "not_found"), ("against", "not_found"), ("dataset", "not_found")
    }  # fmt: skip
    assert ("model", "not_evaluated") in faults(alice.post(JOBS, {"model": writer}))
    assert ("against", "same_model") in faults(alice.post(JOBS, {"model": own, "against": own}))
    assert ("against", "different_tasks") in faults(alice.post(JOBS, {"model": own, "against": pair}))
    assert faults(alice.post(JOBS, {"model": own})) == {("dataset", "no_test_rows")}
    other = training.dataset(alice)
    assert faults(alice.post(JOBS, {"model": own, "dataset": other["id"]})) == {("dataset", "unknown_label")}
    assert alice.get(JOBS).json()["data"] == []


def test_a_base_without_a_task_has_nothing_to_be_judged_by(alice: Person) -> None:
    one, base = trained.model(alice.tenant), trained.base(alice.tenant)
    assert faults(alice.post(JOBS, {"model": base})) == {("model", "base_model_without_task")}
    assert ("against", "base_model_without_task") in faults(alice.post(JOBS, {"model": one, "against": base}))


@pytest.fixture(scope="module")
def artifacts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """A version, and two models trained on it: one long, one hardly at all."""
    place = tmp_path_factory.mktemp("models")
    base, data = tiny.base(place / "base"), tiny.version(place / "data", tiny.rows())
    long, short = (
        run(tiny.spec(base, method="full", n_epochs=epochs, learning_rate=3e-3), data, place / str(epochs)).output
        for epochs in (12, 1)
    )
    return data / "data.parquet", long, short


@pytest.fixture
def models(alice: Person, artifacts: tuple[Path, Path, Path]) -> list[str]:
    """Both models, published, of the same version."""
    data, *outputs = artifacts
    prefix = keys.dataset(alice.tenant.id, "dsv_shared", 1)
    with data.open("rb") as content:
        blobs.put(f"{prefix}data.parquet", content)
    first = trained.model(alice.tenant, artifact=outputs[0])
    with tenant_context(alice.tenant.id):
        task = Model.objects.get(id=first).task
        task.labels = list(tiny.LABELS)
        task.save()
        DatasetVersion.objects.filter(dataset=task.dataset).update(prefix=prefix, rows={"test": 30})
    return [first, trained.model(alice.tenant, artifact=outputs[1], task=task)]


def test_two_models_are_compared_and_their_owner_reads_which_is_better(
    alice: Person, charlie: Person, models: list[str]
) -> None:
    answer = alice.post(JOBS, {"model": models[0], "against": models[1], "metadata": {"why": "release"}})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["object"], job["status"], job["metadata"]) == ("evaluation.job", "queued", {"why": "release"})
    path = f"{JOBS}/{job['id']}"
    early = alice.get(f"{path}/report")
    assert (early.status_code, early.json()["error"]["code"]) == (400, "evaluation_not_ready")

    training.work("gpu")

    done = alice.get(path).json()
    assert done["status"] == "succeeded", done["error"]
    assert (done["metrics"]["verdict"], done["metrics"]["test_rows"]) == ("better", 30)
    report = json.loads(alice.get(f"{path}/report").content)
    assert report["summary"]["sentence"] == done["metrics"]["sentence"]
    assert sum(report["contest"]["counts"]) == 30
    page = alice.get(f"{path}/report?format=html").content.decode()
    assert report["summary"]["sentence"] in page
    for model in models:
        assert [one["id"] for one in alice.get(f"/v1/models/{model}/evaluations").json()["data"]] == [job["id"]]
    assert charlie.get(f"{path}/report").status_code == 404
    assert "evaluation.job.succeeded" in [event["type"] for event in alice.get("/v1/events").json()["data"]]
    assert alice.delete(f"/v1/models/{models[0]}").status_code == 200
    assert alice.get(path).json() == done


def test_a_waiting_evaluation_is_cancelled_and_one_of_a_deleted_model_told(alice: Person, models: list[str]) -> None:
    first, second = (alice.post(JOBS, {"model": one}).json()["id"] for one in models)
    assert alice.post(f"{JOBS}/{first}/cancel").json()["status"] == "cancelled"
    assert alice.delete(f"/v1/models/{models[1]}").status_code == 200
    training.work("gpu")
    assert alice.get(f"{JOBS}/{second}").json()["error"]["code"] == "not_found"


def test_what_is_evaluated_is_of_kinds_that_are_trained() -> None:
    from contracts.evaluation import EVALUATED
    from contracts.task import TRAINED

    assert set(EVALUATED) < set(TRAINED)
    assert (TEXT_CLASSIFICATION, "single-label") in EVALUATED
