"""Models: a tenant's own and the catalogue's in one list, their report, and when one may go."""

import hashlib
import json
from pathlib import Path

import httpx
import pytest

from contracts.fine_tune import FROM_SCRATCH
from contracts.manifest import seal
from storage import blobs
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.inference import trained
from training.models import Model


@pytest.fixture
def model(alice: Person, tmp_path: Path) -> str:
    """With a report in the store."""
    (tmp_path / "metrics.json").write_text('{"accuracy": 0.5}')
    (tmp_path / "report.html").write_text("<!doctype html><title>Report</title>")
    seal(tmp_path, kind="model", about={})
    return trained.model(alice.tenant, artifact=tmp_path)


def test_own_models_come_first_and_base_models_end_the_list(alice: Person, charlie: Person, model: str) -> None:
    listed = alice.get("/v1/models").json()
    bases = sorted(["minilm-l6", *(base.name for base in FROM_SCRATCH)])
    assert [row["id"] for row in listed["data"]] == [model, *bases]
    assert {row["object"] for row in listed["data"]} == {"model"}
    assert [row["id"] for row in charlie.get("/v1/models").json()["data"]] == bases


def test_one_model_is_told_with_its_lineage(alice: Person, charlie: Person, model: str) -> None:
    told = alice.get(f"/v1/models/{model}").json()
    assert (told["base_model"], told["type"], told["version"]) == ("minilm-l6", "text-classification", 1)
    assert told["task"].startswith("task_")
    assert told["dataset_version"].startswith("dsv_")
    assert alice.get("/v1/models/minilm-l6").json()["owned_by"] == "landfall"
    assert charlie.get(f"/v1/models/{model}").status_code == 404


def test_the_report_comes_as_json_or_as_a_page_that_can_do_nothing(alice: Person, charlie: Person, model: str) -> None:
    path = f"/v1/models/{model}/report"
    assert json.loads(alice.get(path).content) == {"accuracy": 0.5}
    page = alice.get(path, Accept="text/html,*/*")
    assert page["Content-Type"] == "text/html"
    assert page["Content-Security-Policy"].startswith("default-src 'none'")
    assert alice.get(f"{path}?format=html").content == page.content
    assert alice.get(f"{path}?format=pdf").json()["error"]["param"] == "format"
    assert charlie.get(path).status_code == 404
    assert alice.get("/v1/models/minilm-l6/report").status_code == 404


def test_a_model_is_fetched_file_by_file_without_a_key(alice: Person, charlie: Person, model: str) -> None:
    path = f"/v1/models/{model}/download"
    told = alice.get(path).json()
    assert [one["path"] for one in told["files"]] == ["metrics.json", "report.html", "manifest.json"]
    for file in told["files"]:
        content = httpx.get(file["url"]).content
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    assert charlie.get(path).status_code == 404
    assert alice.get("/v1/models/minilm-l6/download").status_code == 404


def test_a_deleted_model_takes_its_artifact_along(alice: Person, charlie: Person, model: str) -> None:
    with tenant_context(alice.tenant.id):
        prefix = Model.objects.get(id=model).prefix
    assert charlie.delete(f"/v1/models/{model}").status_code == 404
    assert blobs.listing(prefix) != []
    assert alice.delete(f"/v1/models/{model}").json() == {"id": model, "object": "model", "deleted": True}
    assert alice.get(f"/v1/models/{model}").status_code == 404
    assert blobs.listing(prefix) == []
    assert alice.delete("/v1/models/minilm-l6").status_code == 404


def test_a_released_model_is_kept(alice: Person, model: str) -> None:
    assert alice.post("/v1/endpoints", {"name": "parts", "model": model}).status_code == 201
    answer = alice.delete(f"/v1/models/{model}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "model_in_use")
    assert answer["x-should-retry"] == "false"
