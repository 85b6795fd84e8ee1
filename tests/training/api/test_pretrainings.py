"""Asking for a base model of one's own: every fault at once, what waits, and that what comes out is a base."""

import json
from typing import Any

import pytest

from contracts.codec import from_json
from contracts.fine_tune import FineTuneSpec
from jobs.handlers import Folders
from jobs.models import Job
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from tests.inference import trained
from training.models import Model
from training.services import pretrainings
from webhooks.models import Event

MASKED, CAUSAL = "masked-language-modelling", "causal-language-modelling"
WRONG_BASE = "wrong_base_for_objective"
PATH = "/v1/pretraining/jobs"


def asked(person: Person, **more: Any) -> Any:
    return person.post(PATH, {"model": "minilm-l6", **more})


def test_texts_of_a_labelled_data_set_teach_a_base(alice: Person, charlie: Person, tmp_path: Any) -> None:
    made = training.dataset(alice)
    answer = asked(alice, dataset=made["id"], seed=7, suffix="first", metadata={"team": "parts"}, tokenizer="extend")
    assert answer.status_code == 200, answer.content
    job = answer.json()
    assert job["id"].startswith("ptjob_")
    assert (job["object"], job["status"], job["pretrained_model"]) == ("pretraining.job", "queued", None)
    assert (job["objective"], job["tokenizer"], job["seed"]) == (MASKED, "extend", 7)
    assert alice.get(f"{PATH}/{job['id']}").json() == job
    assert [row["id"] for row in alice.get(PATH).json()["data"]] == [job["id"]]
    with tenant_context(alice.tenant.id):
        row = Job.objects.get(id=job["id"])
    pretrainings.prepare(row, Folders(input=tmp_path, work=tmp_path, output=tmp_path))
    spec = from_json((tmp_path / "spec.json").read_bytes(), FineTuneSpec)
    assert (spec.task.kind, spec.task.metric, spec.task.options) == (MASKED, "perplexity", {"tokenizer": "extend"})
    assert charlie.get(f"{PATH}/{job['id']}").status_code == 404
    assert alice.post(f"{PATH}/{job['id']}/cancel").json()["status"] == "cancelled"
    assert alice.delete(f"/v1/datasets/{made['id']}").json()["error"]["code"] == "dataset_in_use"
    with tenant_context(alice.tenant.id):
        assert Event.objects.filter(type="pretraining.job.cancelled").count() == 1


@pytest.mark.parametrize(
    ("wish", "faults"),
    [
        ({}, [("dataset", "required")]),
        ({"dataset": "ds_1", "training_file": "file_1"}, [("dataset", "required")]),
        (
            {
                "model": "gpt-9", "training_file": "file_1", "tokenizer": "anew",
                "hyperparameters": {"n_epochs": 0, "learning_rate": -1},
            },
            [
                ("model", "unknown_base_model"), ("hyperparameters.n_epochs", "out_of_range"),
                ("hyperparameters.learning_rate", "out_of_range"), ("tokenizer", "invalid_choice"),
                ("training_file", "not_found"),
            ],
        ),
        ({"objective": "contrastive", "dataset": "ds_1"}, [("objective", "invalid_choice"), ("dataset", "not_found")]),
        ({"objective": CAUSAL, "dataset": "ds_1"}, [("objective", WRONG_BASE), ("dataset", "not_found")]),
        (
            {"model": "decoder-small", "tokenizer": "extend", "dataset": "ds_1"},
            [("tokenizer", "not_for_this_objective"), ("dataset", "not_found")],
        ),
        ({"model": "vision-small", "dataset": "ds_1"}, [("model", WRONG_BASE), ("dataset", "not_found")]),
        ({"hyperparameters": {"lora_rank": 4}, "dataset": "ds_1"}, [("hyperparameters.lora_rank", "unknown_field")]),
    ],
)  # fmt: skip
def test_every_fault_of_a_request_is_told_at_once(
    alice: Person, wish: dict[str, Any], faults: list[tuple[str, str]]
) -> None:
    answer = asked(alice, **wish)
    assert answer.status_code == 400
    assert [(one["param"], one["code"]) for one in answer.json()["error"]["errors"]] == faults
    assert alice.get(PATH).json()["data"] == []


def test_a_data_set_without_texts_or_with_too_few_is_refused(alice: Person) -> None:
    pairs = b"text_a,text_b,score\n" + b"".join(b"one %d,two %d,%d\n" % (n, n, n) for n in range(40))
    answer = asked(alice, dataset=training.dataset(alice, pairs, type="text-matching")["id"])
    (fault,) = answer.json()["error"]["errors"]
    assert (fault["code"], fault["param"]) == ("wrong_dataset_for_objective", "dataset")
    assert fault["message"].endswith("text-classification, text-regression, summarization, unlabelled.")
    few = training.dataset(alice, training.messages(12, labels=2), type="unlabelled")
    found = asked(alice, dataset=few["id"]).json()["error"]["errors"]
    assert [fault["code"] for fault in found] == ["too_few_rows"] * 2


def test_a_file_becomes_a_data_set_of_texts_and_the_job_waits_for_it(alice: Person) -> None:
    content = b"".join(b"line number %d of the corpus\n" % number for number in range(60))
    corpus, bad = (training.file(alice, one, name) for one, name in ((content, "corpus.txt"), (b"text\n", "bad.csv")))
    jobs = [asked(alice, training_file=one["id"]).json() for one in (corpus, bad)]
    assert [job["status"] for job in jobs] == ["validating_files"] * 2
    training.work("cpu")
    good, failed = (alice.get(f"{PATH}/{job['id']}").json() for job in jobs)
    assert (good["status"], good["dataset"]) == ("queued", jobs[0]["dataset"])
    assert (failed["status"], failed["error"]["errors"][0]["param"]) == ("failed", "training_file")
    assert asked(alice, training_file=corpus["id"]).json()["dataset"] == good["dataset"], "the same bytes are read once"


def test_what_was_learnt_is_a_base_without_a_task(alice: Person) -> None:
    made = training.dataset(alice)
    keys = [asked(alice, dataset=made["id"], suffix=suffix).json()["id"] for suffix in (None, "again")]
    with tenant_context(alice.tenant.id):
        first, second = (pretrainings.succeeded(Job.objects.get(id=key), {"perplexity": 12.5}) for key in keys)
    told = alice.get(f"/v1/models/{first.id}").json()
    assert (told["task"], told["type"], told["metrics"]) == (None, MASKED, {"perplexity": 12.5})
    assert (first.name, second.name) == ("minilm-l6-messagescsv-v1", "minilm-l6-again-v2")
    assert alice.get(f"{PATH}/{keys[0]}").json()["pretrained_model"] == first.id
    with tenant_context(alice.tenant.id):
        sent = [
            json.loads(bytes(event.payload))["data"] for event in Event.objects.filter(type="pretraining.job.succeeded")
        ]
    assert {one["pretrained_model"] for one in sent} == {first.id, second.id}
    refused = alice.post("/v1/endpoints", {"name": "parts", "model": first.id}).json()["error"]
    assert refused["code"] == "base_model_not_served"
    assert "Fine-tune it for a task first" in refused["message"]
    assert alice.post(f"/v1/models/{first.id}/aliases", {"name": "champion"}).status_code == 400
    assert [row["id"] for row in alice.get(f"/v1/models/{first.id}/versions").json()["data"]] == [second.id, first.id]
    assert training.fine_tune(alice, training.task(alice, made), model=first.id).status_code == 200
    assert asked(alice, model=first.id, dataset=made["id"]).json()["objective"] == MASKED
    assert asked(alice, model=first.id, dataset=made["id"], objective=CAUSAL).status_code == 400


@pytest.mark.parametrize(
    ("kind", "learnt", "objective"),
    [("text-classification", "", MASKED), ("text-generation", CAUSAL, CAUSAL), ("translation", "", None)],
)
def test_own_models_go_on_learning_by_what_they_are(
    alice: Person, kind: str, learnt: str, objective: str | None
) -> None:
    """`learnt`: the objective of a base that was pre-trained; empty: a model that was fine-tuned."""
    own = trained.model(alice.tenant, kind=kind)
    if learnt:
        with tenant_context(alice.tenant.id):
            Model.objects.filter(id=own).update(task=None, task_kind=learnt)
    answer = asked(alice, model=own, dataset=training.dataset(alice)["id"])
    assert answer.json().get("objective") == objective
