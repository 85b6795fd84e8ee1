"""Erasure by subject over the API: rows, files and bytes go, the receipt says which, and nothing keeps the name."""

from typing import Any

import polars as pl
import pytest

from jobs.models import Job, JobEvent
from storage import blobs, keys
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import Erasure
from training.services import erasures, tidying

JANE = "jane.doe@example.com"
NAMING = training.messages(60) + f"please write to {JANE.upper()},delivery\nor to {JANE} at once,refund\n".encode()


def erased(person: Person, subject: str = JANE, **more: object) -> dict[str, Any]:
    answer = person.post("/v1/erasures", {"subject": subject, **more})
    assert answer.status_code == 202, answer.content
    assert answer.json()["status"] == "running"
    training.work("cpu")
    found: dict[str, Any] = person.get(f"/v1/erasures/{answer.json()['id']}").json()
    return found


def everything(person: Person) -> str:
    """All that the store holds of the tenant, as text."""
    contents = {key: blobs.get(key) for key in blobs.listing(keys.tenant_prefix(person.tenant.id))}
    tables = [str(pl.read_parquet(each).rows()) for key, each in contents.items() if key.endswith(".parquet")]
    others = [each.decode() for key, each in contents.items() if not key.endswith(".parquet")]
    return "".join([*tables, *others]).lower()


def test_rows_files_and_bytes_go_and_the_receipt_says_which(alice: Person) -> None:
    made, other = training.dataset(alice, NAMING), training.dataset(alice)
    derived = alice.post(f"/v1/datasets/{made['id']}/derive", {"steps": [{"name": "collapse_whitespace"}]})
    assert derived.status_code == 202
    training.work("cpu")
    found = erased(alice, reason="asked on the phone")
    assert found["status"] == "done"
    receipt = found["receipt"]
    assert [(each["dataset"], each["rows"]) for each in receipt["versions"]] == [(made["id"], 2)] * 2
    assert receipt["files"] == [made["file"]]
    assert receipt["models"] == []
    assert len(receipt["sha256"]) == 64
    versions = alice.get(f"/v1/datasets/{made['id']}/versions").json()["data"]
    assert [(each["rows"]["total"], each["erased_rows"]) for each in versions] == [(60, 2), (60, 2)]
    assert alice.get(f"/v1/files/{made['file']}").status_code == 404
    assert alice.get(f"/v1/datasets/{other['id']}").json()["rows"]["total"] == 60
    assert JANE not in everything(alice)
    assert all(row["row"] <= 60 for row in alice.get(f"/v1/datasets/{made['id']}/rows").json()["data"])


def test_no_row_log_or_event_keeps_the_subject(alice: Person, caplog: pytest.LogCaptureFixture) -> None:
    training.dataset(alice, NAMING)
    found = erased(alice)
    with tenant_context(alice.tenant.id):
        erasure = Erasure.objects.get(id=found["id"])
        said = [
            str(list(rows.values())) for rows in (Job.objects.all(), JobEvent.objects.all(), AuditLog.objects.all())
        ]
    assert erasure.subject == ""
    assert erasure.subject_digest == erasures.digest(JANE) != erasures.digest("someone else")
    assert JANE not in "".join(said).lower()
    assert JANE not in caplog.text.lower()
    assert JANE not in str(found)


def test_another_tenants_rows_are_not_touched(alice: Person, charlie: Person) -> None:
    theirs = training.dataset(charlie, NAMING)
    training.dataset(alice, NAMING)
    erased(alice)
    assert charlie.get(f"/v1/datasets/{theirs['id']}").json()["rows"]["total"] == 62
    assert JANE in everything(charlie)


def test_a_model_that_learnt_from_it_is_named(alice: Person) -> None:
    made = training.dataset(alice, NAMING)
    task = training.task(alice, made)
    job = training.fine_tune(alice, task)
    assert job.status_code == 200, job.content
    found = erased(alice)
    assert found["receipt"]["jobs_that_learn_from_it"] == [job.json()["id"]]


def test_bytes_that_the_store_kept_are_destroyed_by_the_clock(alice: Person) -> None:
    """As a process leaves it that dies between the transaction and the store."""
    made = training.dataset(alice, NAMING)
    found = erased(alice)
    left = keys.tenant_prefix(alice.tenant.id) + "datasets/left/1/"
    blobs.put(f"{left}data.parquet", NAMING)
    with tenant_context(alice.tenant.id):
        Erasure.objects.filter(id=found["id"]).update(to_destroy=[left], done_at=None)
    assert alice.get(f"/v1/erasures/{found['id']}").json()["status"] == "destroying"
    assert tidying.erased_bytes() == 1
    assert blobs.listing(left) == []
    assert alice.get(f"/v1/erasures/{found['id']}").json()["status"] == "done"
    assert tidying.erased_bytes() == 0
    assert alice.get(f"/v1/datasets/{made['id']}").json()["rows"]["total"] == 60


def test_a_subject_that_nobody_has_is_a_receipt_of_nothing(alice: Person) -> None:
    training.dataset(alice)
    found = erased(alice)
    assert (found["status"], found["receipt"]["versions"], found["receipt"]["files"]) == ("done", [], [])


def test_a_file_that_never_became_a_data_set_is_named_as_not_searched(alice: Person) -> None:
    loose = training.file(alice)
    assert erased(alice)["receipt"]["files_not_searched"] == [loose["id"]]


def test_while_a_file_is_being_read_nothing_is_erased(alice: Person) -> None:
    alice.post("/v1/datasets", {"file": training.file(alice)["id"]})
    answer = alice.post("/v1/erasures", {"subject": JANE})
    assert answer.json()["error"]["code"] == "dataset_processing"


@pytest.mark.parametrize("body", [{}, {"subject": "ab"}, {"subject": "x" * 201}, {"subject": 5}, {"subjekt": JANE}])
def test_a_request_that_makes_no_sense_is_refused(alice: Person, body: dict[str, object]) -> None:
    assert alice.post("/v1/erasures", body).status_code == 400
