"""Asking for a fine-tune: OpenAI's object, every fault at once, and what waits, is cancelled or refused."""

from pathlib import Path

import pytest

from contracts.codec import from_json
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from contracts.problems import Problem
from jobs.handlers import Folders
from jobs.models import Job
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from tests.inference import trained
from training.services import fine_tunes
from webhooks.models import Event


def test_the_answer_is_openais_job_object(alice: Person) -> None:
    answer = training.fine_tune(alice, training.task(alice), seed=7, suffix="first", metadata={"team": "parts"})
    assert answer.status_code == 200
    job = answer.json()
    assert job["id"].startswith("ftjob_")
    assert (job["object"], job["status"], job["fine_tuned_model"]) == ("fine_tuning.job", "queued", None)
    assert (job["seed"], job["suffix"], job["metadata"]) == (7, "first", {"team": "parts"})
    assert job["hyperparameters"] == {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
    assert alice.get(f"/v1/fine_tuning/jobs/{job['id']}").json() == job
    assert [row["id"] for row in alice.get("/v1/fine_tuning/jobs").json()["data"]] == [job["id"]]


def test_every_fault_of_a_request_is_told_at_once(alice: Person) -> None:
    made = training.task(alice)
    answer = alice.post(
        "/v1/fine_tuning/jobs",
        {
            "model": "gpt-9", "training_file": "file_nothing", "task": made["id"],
            "hyperparameters": {"n_epochs": 1_000_000, "learning_rate": -1, "batch_size": "auto"},
        },
    )  # fmt: skip
    assert answer.status_code == 400
    faults = {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}
    assert faults == {
        ("model", "unknown_base_model"),
        ("training_file", "not_found"),
        ("hyperparameters.n_epochs", "out_of_range"),
        ("hyperparameters.learning_rate", "out_of_range"),
    }
    assert alice.get("/v1/fine_tuning/jobs").json()["data"] == []


def test_an_own_model_is_a_base_for_its_owner_alone(alice: Person, charlie: Person) -> None:
    made, own = training.task(alice), trained.model(alice.tenant)
    job = training.fine_tune(alice, made, model=own)
    assert (job.status_code, job.json()["model"]) == (200, own)
    foreign = training.fine_tune(charlie, training.task(charlie), model=own)
    assert foreign.json()["error"]["code"] == "unknown_base_model"
    assert "minilm-l6" in foreign.json()["error"]["message"]
    writer = trained.model(alice.tenant, kind="translation")
    assert training.fine_tune(alice, made, model=writer).json()["error"]["code"] == "wrong_base_for_task"


def test_an_own_model_reaches_the_worker_as_a_folder_of_the_job_and_a_deleted_one_is_told(
    alice: Person, tmp_path: Path
) -> None:
    (tmp_path / "config.json").write_text("{}")
    seal(tmp_path, kind="model", about={})
    own = trained.model(alice.tenant, artifact=tmp_path)
    key = training.fine_tune(alice, training.task(alice), model=own).json()["id"]
    with tenant_context(alice.tenant.id):
        job = Job.objects.get(id=key)
    folders = [Folders(input=tmp_path / name, work=tmp_path, output=tmp_path) for name in ("one", "two")]
    for one in folders:
        one.input.mkdir()
    fine_tunes.prepare(job, folders[0])
    spec = from_json((folders[0].input / "spec.json").read_bytes(), FineTuneSpec)
    assert (spec.base.name, spec.base.location) == ("parts", str(folders[0].input / "base"))
    assert (folders[0].input / "base" / "config.json").exists()
    assert alice.delete(f"/v1/models/{own}").status_code == 200
    with pytest.raises(Problem, match="is no longer there"):
        fine_tunes.prepare(job, folders[1])


def test_a_compression_is_taken_with_its_contract_and_refused_with_every_fault(alice: Person) -> None:
    made = training.task(alice)
    job = training.fine_tune(alice, made, compression={"min_speedup": 1.5}).json()
    assert job["compression"] == {"method": "int8", "max_loss": 0.5, "min_speedup": 1.5}
    assert training.fine_tune(alice, made).json()["compression"] is None
    assert training.fine_tune(alice, made, compression={}).json()["compression"]["method"] == "int8"
    refused = training.fine_tune(alice, made, compression={"method": "zip", "max_loss": -1})
    assert {fault["param"] for fault in refused.json()["error"]["errors"]} == {
        "compression.method", "compression.max_loss"
    }  # fmt: skip
    assert training.fine_tune(alice, made, compression={"much": 1}).json()["error"]["param"] == "compression.much"


def test_openais_learning_rate_multiplier_is_taken(alice: Person) -> None:
    given = {"learning_rate_multiplier": 0.5, "batch_size": "auto", "lora_rank": 4}
    job = training.fine_tune(alice, training.task(alice), hyperparameters=given).json()
    assert job["hyperparameters"] == {
        "n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": 0.5, "lora_rank": 4
    }  # fmt: skip


def test_classes_are_weighted_as_asked_for_and_a_weight_of_no_label_is_refused(alice: Person) -> None:
    made = training.task(alice)
    for given in ("auto", "none", {made["labels"][0]: 5.0}):
        job = training.fine_tune(alice, made, hyperparameters={"class_weights": given}).json()
        assert job["hyperparameters"]["class_weights"] == given
    for wrong in ("balanced", {"nobody": 2.0}, {made["labels"][0]: 0}, {made["labels"][0]: "much"}, 3, ["auto"]):
        answer = training.fine_tune(alice, made, hyperparameters={"class_weights": wrong})
        assert answer.status_code == 400, wrong
        assert answer.json()["error"]["param"].startswith("hyperparameters.class_weights")


def test_openais_method_and_ours_by_name_are_both_understood(alice: Person) -> None:
    made = training.task(alice)
    theirs = {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 2}}}
    assert training.fine_tune(alice, made, method=theirs).json()["hyperparameters"]["n_epochs"] == 2
    assert training.fine_tune(alice, made, method="lora").json()["method"]["name"] == "lora"
    assert training.fine_tune(alice, made, method="magic").status_code == 400


def test_a_file_without_a_data_set_becomes_one_and_the_job_waits_for_it(alice: Person) -> None:
    made = training.task(alice)
    more = training.file(alice, training.messages(90), "more.csv")
    job = alice.post(
        "/v1/fine_tuning/jobs", {"model": "minilm-l6", "training_file": more["id"], "task": made["id"]}
    ).json()
    assert job["status"] == "validating_files"
    assert job["dataset"] != made["dataset"]
    training.work("cpu")
    assert alice.get(f"/v1/fine_tuning/jobs/{job['id']}").json()["status"] == "queued"


def test_a_job_whose_file_is_rejected_fails_with_the_files_reason(alice: Person) -> None:
    made = training.task(alice)
    bad = training.file(alice, b"text,label\n", "bad.csv")
    job = alice.post(
        "/v1/fine_tuning/jobs", {"model": "minilm-l6", "training_file": bad["id"], "task": made["id"]}
    ).json()
    training.work("cpu")
    ended = alice.get(f"/v1/fine_tuning/jobs/{job['id']}").json()
    assert (ended["status"], ended["error"]["code"]) == ("failed", "empty_dataset")
    assert ended["error"]["errors"][0]["param"] == "training_file"
    with tenant_context(alice.tenant.id):
        assert Event.objects.filter(type="fine_tuning.job.failed").count() == 1


def test_a_data_set_with_other_labels_is_refused_by_name(alice: Person) -> None:
    made = training.task(alice)
    other = training.dataset(alice, training.messages().replace(b"refund", b"praise"))
    answer = training.fine_tune(alice, made, dataset=other["id"])
    assert answer.status_code == 400
    codes = {fault["code"] for fault in answer.json()["error"]["errors"]}
    assert codes == {"unknown_label", "label_never_in_training"}


def test_a_waiting_job_is_cancelled_at_once_and_only_once(alice: Person) -> None:
    job = training.fine_tune(alice, training.task(alice)).json()
    cancelled = alice.post(f"/v1/fine_tuning/jobs/{job['id']}/cancel")
    assert (cancelled.status_code, cancelled.json()["status"]) == (200, "cancelled")
    again = alice.post(f"/v1/fine_tuning/jobs/{job['id']}/cancel")
    assert (again.status_code, again.json()["error"]["code"]) == (400, "job_already_finished")
    assert again["x-should-retry"] == "false"
    with tenant_context(alice.tenant.id):
        assert Event.objects.filter(type="fine_tuning.job.cancelled").count() == 1


def test_events_are_listed_newest_first_and_continue_after_one(alice: Person) -> None:
    job = training.fine_tune(alice, training.task(alice)).json()
    alice.post(f"/v1/fine_tuning/jobs/{job['id']}/cancel")
    path = f"/v1/fine_tuning/jobs/{job['id']}/events"
    events = alice.get(path).json()["data"]
    assert [event["object"] for event in events] == ["fine_tuning.job.event"] * len(events)
    assert len(events) >= 2
    assert "cancelled" in events[0]["message"]
    older = alice.get(f"{path}?after={events[0]['id']}").json()["data"]
    assert older == events[1:]


def test_a_retry_without_a_key_gets_the_first_job_again(alice: Person) -> None:
    """openai-python repeats a request whose answer was lost, with its retry count in a header."""
    made = training.task(alice)
    first = training.fine_tune(alice, made).json()
    wish = {"model": "minilm-l6", "training_file": first["training_file"], "task": made["id"]}
    again = alice.post("/v1/fine_tuning/jobs", wish, **{"x-stainless-retry-count": "1"})
    assert again.json()["id"] == first["id"]
    meant = alice.post("/v1/fine_tuning/jobs", wish, **{"x-stainless-retry-count": "0"})
    assert meant.json()["id"] != first["id"]


def test_another_tenants_job_answers_like_an_absent_one(alice: Person, charlie: Person) -> None:
    made = training.task(alice)
    job = training.fine_tune(alice, made).json()
    for path in ("", "/events", "/events?stream=true", "/metrics"):
        assert charlie.get(f"/v1/fine_tuning/jobs/{job['id']}{path}").status_code == 404
    assert charlie.post(f"/v1/fine_tuning/jobs/{job['id']}/cancel").status_code == 404
    foreign = charlie.post(
        "/v1/fine_tuning/jobs", {"model": "minilm-l6", "training_file": job["training_file"], "task": made["id"]}
    )
    codes = [(fault["param"], fault["code"]) for fault in foreign.json()["error"]["errors"]]
    assert codes == [("task", "not_found"), ("training_file", "not_found")]
