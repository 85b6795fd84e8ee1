"""Compressions over the API: asked for with every fault told at once, ended with figures, with a model or without."""

from typing import Any

from jobs.models import Job
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.inference import trained
from training.models import CompressionJob, Erasure
from training.services import compressions
from webhooks.models import Event

PATH = "/v1/compression/jobs"
DROP = {"method": "layer_drop", "layers": 3, "then": "int8"}


def asked(person: Person, model: str, **compression: Any) -> Any:
    return person.post(PATH, {"model": model, "compression": compression or DROP, "suffix": "small"})


def ended(person: Person, key: str, **summary: Any) -> dict[str, Any]:
    with tenant_context(person.tenant.id):
        compressions.succeeded(Job.objects.get(id=key), summary)
    found: dict[str, Any] = person.get(f"{PATH}/{key}").json()
    return found


def codes(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.content
    return {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}


def test_a_job_is_made_listed_and_cancelled(alice: Person) -> None:
    own = trained.model(alice.tenant)
    job = asked(alice, own).json()
    assert (job["object"], job["status"], job["model"]) == ("compression.job", "queued", own)
    assert job["compression"] == {"max_loss": 0.5, "min_speedup": 1.0, **DROP}
    assert (job["compressed_model"], job["result"]) == (None, None)
    assert [one["id"] for one in alice.get(PATH).json()["data"]] == [job["id"]]
    assert alice.post(f"{PATH}/{job['id']}/cancel", {}).json()["status"] == "cancelled"
    told = alice.get(f"{PATH}/{job['id']}/events").json()["data"]
    assert {one["object"] for one in told} == {"compression.job.event"}
    assert alice.get(f"{PATH}/{job['id']}/metrics").json()["data"] == []


def test_a_base_without_a_task_has_nothing_to_lose(alice: Person) -> None:
    assert codes(asked(alice, trained.base(alice.tenant))) == {("model", "base_model_without_task")}


def test_the_figures_stay_and_a_model_comes_where_the_contract_is_held(alice: Person) -> None:
    own = trained.model(alice.tenant)
    first = alice.get(f"/v1/models/{own}").json()
    refused, kept = (asked(alice, own).json()["id"] for _ in range(2))
    figures = {"compression_sentence": "That breaks the contract.", "compressed_metric": 0.5}
    told = ended(alice, refused, compression_kept=False, **figures)
    assert (told["compressed_model"], told["result"]["compressed_metric"]) == (None, 0.5)
    told = ended(alice, kept, compression_kept=True, accuracy=0.9)
    made = alice.get(f"/v1/models/{told['compressed_model']}").json()
    assert (made["task"], made["base_model"], made["job"]) == (first["task"], first["base_model"], kept)
    assert (made["version"], made["metrics"]["accuracy"]) == (first["version"] + 1, 0.9)
    assert made["name"].endswith(f"-small-v{made['version']}")
    with tenant_context(alice.tenant.id):
        sent = Event.objects.filter(type="compression.job.succeeded").order_by("created_at", "id")
        assert [one.content["data"]["compressed_model"] for one in sent] == [None, made["id"]]


def test_every_fault_is_told_at_once(alice: Person) -> None:
    own = trained.model(alice.tenant)
    answer = asked(alice, own, method="distillation", student="gpt-9", share=0.5, max_loss=-1)
    assert codes(answer) == {
        ("compression.student", "unknown_base_model"),
        ("compression.share", "not_for_this_method"),
        ("compression.max_loss", "out_of_range"),
    }
    assert codes(asked(alice, trained.model(alice.tenant, kind="translation"))) == {
        ("compression", "not_for_this_form")
    }
    assert alice.get(PATH).json()["data"] == []


def test_a_foreign_model_is_told_like_none_and_one_whose_rows_were_erased_is_not_measured(
    alice: Person, charlie: Person
) -> None:
    own = trained.model(alice.tenant)
    absent = f"mdl_{'0' * 26}"
    foreign, none = asked(charlie, own), asked(charlie, absent)
    assert codes(foreign) == codes(none) == {("model", "not_found")}
    assert foreign.json()["error"]["message"].replace(own, absent) == none.json()["error"]["message"]
    assert codes(asked(alice, "minilm-l6")) == {("model", "not_found")}
    job = asked(alice, own).json()["id"]
    with tenant_context(alice.tenant.id):
        Erasure.objects.create(
            job=CompressionJob.objects.get(job_id=job).job, subject_digest="0" * 64, receipt={"models": [own]}
        )
    assert codes(asked(alice, own)) == {("model", "dataset_version_erased")}
