"""A task is checked against its data set, all faults at once."""

from typing import Any

import pytest

from tests.conftest import Person
from tests.factories import training
from tests.training.ingest.media.test_media import folders, zipped
from training.services import fine_tunes


def wish(dataset: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": "Parts", "type": "text-classification", "dataset": dataset["id"], **more}


def translations(person: Person) -> dict[str, Any]:
    rows = "".join(f"house {n}\tHaus {n}\n" for n in range(40))
    return training.dataset(person, f"source\ttarget\n{rows}".encode(), filename="pairs.tsv", type="translation")


def faults(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 400, answer.content
    return {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}


def test_labels_and_metric_come_from_the_data_set_when_left_out(alice: Person) -> None:
    made = training.task(alice)
    assert made["labels"] == ["delivery", "refund", "repair"]
    assert made["metric"] == "accuracy"
    assert alice.get(f"/v1/tasks/{made['id']}").json() == made


def test_the_order_of_given_labels_is_kept(alice: Person) -> None:
    ready = training.dataset(alice)
    made = alice.post("/v1/tasks", wish(ready, labels=["repair", "refund", "delivery"])).json()
    assert made["labels"] == ["repair", "refund", "delivery"]


def test_labels_that_do_not_fit_the_data_are_each_named(alice: Person) -> None:
    answer = alice.post("/v1/tasks", wish(training.dataset(alice), labels=["refund", "refund", "praise"]))
    assert faults(answer) == {
        ("labels", "duplicate_label"),
        ("labels", "unknown_label"),
        ("labels", "label_never_in_training"),
    }
    sentences = " ".join(fault["message"] for fault in answer.json()["error"]["errors"])
    assert all(label in sentences for label in ("'delivery'", "'repair'", "'praise'"))


def test_an_unknown_type_or_metric_names_the_known_ones(alice: Person) -> None:
    ready = training.dataset(alice)
    answer = alice.post("/v1/tasks", wish(ready, type="text-magic"))
    assert faults(answer) == {("type", "unknown_task_type")}
    assert "Did you mean text-matching?" in answer.json()["error"]["message"]
    assert faults(alice.post("/v1/tasks", wish(ready, metric="luck"))) == {("metric", "unknown_metric")}


def test_a_task_waits_for_its_data_set(alice: Person) -> None:
    waiting = alice.post("/v1/datasets", {"file": training.file(alice)["id"]}).json()
    answer = alice.post("/v1/tasks", wish(waiting))
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "dataset_not_ready")


def test_another_tenants_data_set_or_task_answers_like_an_absent_one(alice: Person, charlie: Person) -> None:
    made = training.task(alice)
    assert charlie.post("/v1/tasks", wish({"id": made["dataset"]})).status_code == 404
    assert charlie.get(f"/v1/tasks/{made['id']}").status_code == 404
    assert charlie.delete(f"/v1/tasks/{made['id']}").status_code == 404
    assert charlie.get("/v1/tasks").json()["data"] == []


def test_a_task_that_jobs_refer_to_is_kept(alice: Person) -> None:
    made = training.task(alice)
    assert training.fine_tune(alice, made).status_code == 200
    answer = alice.delete(f"/v1/tasks/{made['id']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "task_in_use")


def test_what_a_task_decides_is_kept_and_shown(alice: Person) -> None:
    said = {
        "label_descriptions": {"refund": "wants money back"},
        "positive_label": "refund",
        "thresholds": {"refund": 0.4},
        "abstain_below": 0.5,
    }
    made = alice.post("/v1/tasks", wish(training.dataset(alice), **said)).json()
    shown = alice.get(f"/v1/tasks/{made['id']}").json()
    assert {name: shown[name] for name in said} == said
    assert shown["costs"] == {}


def test_every_fault_of_a_decision_is_told_at_once_with_the_nearest_label(alice: Person) -> None:
    said = {"positive_label": "refnd", "thresholds": {"delivery": 2}, "costs": {"repair": {"refund": -1}}}
    answer = alice.post("/v1/tasks", wish(training.dataset(alice), **said))
    told = faults(answer)
    assert {("positive_label", "unknown_label"), ("thresholds.delivery", "out_of_range")} <= told
    assert ("costs.repair.refund", "out_of_range") in told
    assert "Did you mean 'refund'?" in answer.content.decode()


def test_a_task_of_another_kind_has_its_form_and_metric_and_no_labels(alice: Person) -> None:
    ready = translations(alice)
    made = alice.post("/v1/tasks", wish(ready, type="translation")).json()
    assert (made["form"], made["metric"], made["labels"]) == ("sentences", "bleu", [])
    assert faults(alice.post("/v1/tasks", wish(ready, type="translation", abstain_below=0.5))) == {
        ("abstain_below", "not_for_this_form")
    }


def test_a_base_model_is_refused_where_it_is_for_other_kinds(alice: Person) -> None:
    ready = translations(alice)
    task = alice.post("/v1/tasks", wish(ready, type="translation")).json()
    asked = {"training_file": alice.get(f"/v1/datasets/{ready['id']}").json()["file"], "task": task["id"]}
    refused = alice.post("/v1/fine_tuning/jobs", {**asked, "model": "minilm-l6"})
    assert faults(refused) == {("model", "wrong_base_for_task")}
    assert "seq2seq-small" in refused.content.decode()
    assert alice.post("/v1/fine_tuning/jobs", {**asked, "model": "seq2seq-small"}).status_code in (200, 201, 202)


def test_a_kind_that_is_not_trained_is_refused_a_fine_tune(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a kind is at first, when its data sets are read and no engine learns them yet."""
    monkeypatch.setattr(fine_tunes, "TRAINED", ())
    rows = "".join(f"who is {n},a text on {n},{n}\n" for n in range(40))
    ready = training.dataset(alice, f"question,context,answer\n{rows}".encode(), type="question-answering")
    task = alice.post("/v1/tasks", wish(ready, type="question-answering")).json()
    file = alice.get(f"/v1/datasets/{ready['id']}").json()["file"]
    asked = alice.post("/v1/fine_tuning/jobs", {"model": "minilm-l6", "training_file": file, "task": task["id"]})
    assert ("task", "task_not_trained") in faults(asked)


def test_what_is_trained_and_not_served_is_refused_an_endpoint_and_what_is_for_classes(alice: Person) -> None:
    rows = "".join(f"message {n},message {n} again\n" for n in range(40))
    ready = training.dataset(alice, f"source,target\n{rows}".encode(), type="translation")
    task = alice.post("/v1/tasks", wish(ready, type="translation")).json()
    file = alice.get(f"/v1/datasets/{ready['id']}").json()["file"]
    asked = {"model": "seq2seq-small", "training_file": file, "task": task["id"]}
    refused = alice.post(
        "/v1/fine_tuning/jobs", {**asked, "deploy": True, "hyperparameters": {"class_weights": "auto"}}
    )
    assert faults(refused) == {("deploy", "task_not_served"), ("hyperparameters.class_weights", "not_for_this_form")}
    assert alice.post("/v1/fine_tuning/jobs", asked).status_code in (200, 201, 202)


def test_a_table_is_learnt_from_a_model_that_reads_tables(alice: Person) -> None:
    rows = "".join(f"{n},{'ab'[n % 2]},{n / 2}\n" for n in range(40))
    ready = training.dataset(
        alice, f"size,kind,price\n{rows}".encode(), type="tabular-regression", columns={"target": "price"}
    )
    task = alice.post("/v1/tasks", wish(ready, type="tabular-regression")).json()
    assert (task["form"], task["metric"]) == ("rows", "rmse")
    file = alice.get(f"/v1/datasets/{ready['id']}").json()["file"]
    asked = {"training_file": file, "task": task["id"]}
    refused = alice.post("/v1/fine_tuning/jobs", {**asked, "model": "minilm-l6"})
    assert faults(refused) == {("model", "wrong_base_for_task")}
    assert "tabular-small" in refused.json()["error"]["message"]
    assert alice.post("/v1/fine_tuning/jobs", {**asked, "model": "tabular-small"}).status_code == 200
    text = training.fine_tune(alice, training.task(alice), model="tabular-small")
    assert faults(text) == {("model", "wrong_base_for_task")}


def test_pictures_are_learnt_by_a_base_for_pictures_and_by_no_other(alice: Person) -> None:
    ready = training.dataset(alice, zipped(folders()), filename="pictures.zip", type="image-classification")
    task = alice.post("/v1/tasks", wish(ready, type="image-classification")).json()
    refused = training.fine_tune(alice, task)
    assert faults(refused) == {("model", "wrong_base_for_task")}
    assert "'minilm-l6' is not for image-classification" in refused.content.decode()
    assert "vision-small" in refused.content.decode()
    assert training.fine_tune(alice, task, model="vision-small").status_code == 200
