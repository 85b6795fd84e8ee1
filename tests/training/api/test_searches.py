"""A search over HTTP: asked for, refused with every fault, and carried out by two workers with real trainings."""

import json
import threading
from pathlib import Path
from typing import Any

from django.db import connections
from pytest_django.fixtures import Settings

from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.engine import tiny
from tests.factories import training
from training.models import Trial


def test_a_search_is_taken_with_the_space_that_it_has_and_looks_running_to_openai(alice: Person) -> None:
    made = training.task(alice)
    job = training.fine_tune(alice, made, search={"trials": 5, "parallel": 2}).json()
    assert (job["status"], job["fine_tuned_model"], job["error"]) == ("running", None, None)
    search = job["search"]
    assert (search["strategy"], search["pruning"], search["chosen_trial"]) == ("tpe", "median", None)
    assert search["space"]["batch_size"] == [16, 32, 64]
    path = f"/v1/fine_tuning/jobs/{job['id']}"
    trials = alice.get(f"{path}/trials").json()["data"]
    assert [one["number"] for one in trials] == [2, 1]
    assert all((one["status"], one["parameters"], one["value"]) == ("queued", {}, None) for one in trials)
    assert alice.get(f"/v1/jobs/{job['id']}").json()["status"] == "held"
    stopped = alice.post(f"{path}/search/stop").json()
    assert stopped["status"] == "queued"
    assert {one["status"] for one in alice.get(f"{path}/trials").json()["data"]} == {"cancelled"}
    assert alice.post(f"{path}/search/stop").json()["error"]["code"] == "no_search"
    assert training.fine_tune(alice, made).json()["search"] is None


def test_a_search_that_cannot_be_meant_is_refused_with_every_fault(alice: Person) -> None:
    made = training.task(alice)

    def faults(search: Any, **more: Any) -> set[tuple[str, str]]:
        answer = training.fine_tune(alice, made, search=search, **more)
        assert answer.status_code == 400, search
        return {(one["param"], one["code"]) for one in answer.json()["error"]["errors"]}

    shape = {"trials": "many", "space": {"n_epochs": 3, "weight_decay": {"low": 0}, "batch_size": [True, 1]}, "much": 1}
    assert faults(shape) == {
        ("search.trials", "wrong_type"),
        ("search.space.n_epochs", "wrong_type"),
        ("search.space.weight_decay.high", "missing"),
        ("search.space.batch_size", "wrong_type"),
        ("search.much", "unknown_field"),
    }
    space = {"model": ["minilm-l6", "gpt-9", "tabular-small"], "batch_size": [8, 16], "depth": [1, 2]}
    assert faults({"trials": 1, "space": space}, hyperparameters={"batch_size": 8}) == {
        ("search.trials", "out_of_range"),
        ("search.space.model", "unknown_base_model"),
        ("search.space.model", "wrong_base_for_task"),
        ("search.space.batch_size", "fixed_and_searched"),
        ("search.space.depth", "unknown_parameter"),
    }
    with tenant_context(alice.tenant.id):
        assert not Trial.objects.exists()


def test_two_workers_find_the_settings_that_the_model_is_trained_with(
    alice: Person, charlie: Person, settings: Settings, tmp_path: Path
) -> None:
    bases = [{"name": "tiny", "location": str(tiny.base(tmp_path / "tiny"))}]
    (tmp_path / "bases.json").write_text(json.dumps(bases))
    settings.BASE_MODELS = str(tmp_path / "bases.json")
    lines = [f"{text},{label}" for text, label, _ in tiny.rows(train=150, validation=0, test=0)]
    made = training.task(alice, training.dataset(alice, "\n".join(["text,label", *lines]).encode()))
    space = {"learning_rate": [0.003, 50.0], "batch_size": {"low": 8, "high": 16}}
    assert training.fine_tune(alice, made, model="tiny", search={"space": space}).status_code == 400
    space["learning_rate"] = {"low": 0.001, "high": 0.01, "log": True}
    wish = {"model": "tiny", "hyperparameters": {"n_epochs": 2}, "seed": 3}
    job = training.fine_tune(alice, made, search={"trials": 2, "parallel": 2, "space": space}, **wish).json()
    workers = [threading.Thread(target=_work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=240)
    path = f"/v1/fine_tuning/jobs/{job['id']}"
    ended = alice.get(path).json()
    assert ended["status"] == "succeeded", ended["error"]
    trials = alice.get(f"{path}/trials?order=asc").json()["data"]
    assert [(one["number"], one["status"]) for one in trials] == [(1, "completed"), (2, "completed")]
    assert trials[0]["parameters"] != trials[1]["parameters"]
    assert all(one["value"] == max(one["values"]) and len(one["values"]) == 2 for one in trials)
    (best,) = [one for one in trials if one["chosen"]]
    assert best["value"] == max(one["value"] for one in trials)
    report = alice.get(f"/v1/models/{ended['fine_tuned_model']}/report?format=json").json()
    assert report["settings"]["learning_rate"] == best["parameters"]["learning_rate"]
    assert report["search"]["chosen"] == best["number"] == ended["search"]["chosen_trial"]
    assert [one["parameters"] for one in report["search"]["trials"]] == [one["parameters"] for one in trials]
    said = [one["message"] for one in alice.get(f"{path}/events?limit=100").json()["data"]]
    assert sum(one.startswith("Trial ") for one in said) == 3
    assert charlie.get(f"{path}/trials").status_code == 404


def _work() -> None:
    try:
        training.work("gpu")
    finally:
        connections.close_all()
