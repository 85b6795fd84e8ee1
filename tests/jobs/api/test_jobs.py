"""/v1/jobs: every kind of job in one list, each told as its own noun tells it."""

from tests.conftest import Person
from tests.factories import training


def test_every_kind_of_job_is_in_one_list(alice: Person, charlie: Person) -> None:
    asked = training.fine_tune(alice, training.task(alice)).json()
    every = alice.get("/v1/jobs").json()["data"]
    assert [(job["kind"], job["status"]) for job in every] == [("fine_tuning", "queued"), ("ingestion", "succeeded")]
    alike = {name: value for name, value in asked.items() if name in every[0]} | {"object": "job"}
    assert {name: value for name, value in every[0].items() if name != "kind"} == alike
    assert alice.get(f"/v1/jobs/{asked['id']}").json() == every[0]
    assert [job["kind"] for job in alice.get("/v1/jobs?kind=ingestion").json()["data"]] == ["ingestion"]
    assert [job["id"] for job in alice.get("/v1/jobs?status=queued").json()["data"]] == [asked["id"]]
    assert charlie.get("/v1/jobs").json()["data"] == []


def test_a_jobs_events_are_read_under_either_address(alice: Person) -> None:
    asked = training.fine_tune(alice, training.task(alice)).json()
    own, every = (
        alice.get(f"{place}/{asked['id']}/events").json()["data"] for place in ("/v1/fine_tuning/jobs", "/v1/jobs")
    )
    assert [row["message"] for row in own] == [row["message"] for row in every] == ["The job is queued."]
    assert {row["object"] for row in every} == {"job.event"}
