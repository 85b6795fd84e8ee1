"""A1: under one key a POST is executed once, however many ask, whatever fails in between."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connections
from django.db.models.functions import Now

from jobs.models import Job
from tenants.idempotency import KEPT
from tenants.models import AuditLog, IdempotencyRecord
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training


def task_body(alice: Person) -> dict[str, str]:
    return {"name": "parts", "type": "text-classification", "dataset": training.dataset(alice)["id"]}


def test_fifty_at_once_make_one(alice: Person) -> None:
    body = task_body(alice)

    def ask(_: int) -> tuple[int, str]:
        try:
            answer = alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"})
            return answer.status_code, answer.json().get("id", "")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        told = list(pool.map(ask, range(50)))
    assert {status for status, _ in told} <= {201, 409}
    assert len({key for status, key in told if status == 201}) == 1
    assert len(alice.get("/v1/tasks").json()["data"]) == 1


def test_the_first_answer_is_replayed_and_says_so(alice: Person) -> None:
    body = task_body(alice)
    first, again = (alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"}) for _ in range(2))
    assert (again.status_code, again.json()) == (201, first.json())
    assert (first.get("Idempotent-Replayed"), again.get("Idempotent-Replayed")) == (None, "true")


def test_a_refused_request_is_no_answer_to_keep(alice: Person) -> None:
    body = task_body(alice)
    assert alice.post("/v1/tasks", {**body, "dataset": "ds_x"}, **{"Idempotency-Key": "one"}).status_code == 404
    assert alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"}).status_code == 201


def test_another_body_under_the_same_key_is_refused_for_good(alice: Person) -> None:
    body = task_body(alice)
    alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"})
    answer = alice.post("/v1/tasks", {**body, "name": "else"}, **{"Idempotency-Key": "one"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "idempotency_error")
    assert (answer.json()["error"]["type"], answer["x-should-retry"]) == ("idempotency_error", "false")


def test_while_the_first_still_runs_the_second_is_told_to_come_back(alice: Person) -> None:
    body = task_body(alice)
    with connections["system"].cursor() as cursor:
        name = f"idempotency {alice.tenant.id} key:one"
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [name])
        answer = alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"})
        cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [name])
    assert (answer.status_code, answer["x-should-retry"]) == (409, "true")
    assert alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"}).status_code == 201


def test_a_days_old_answer_is_forgotten(alice: Person) -> None:
    body = task_body(alice)
    first = alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"}).json()
    old = IdempotencyRecord.objects.unscoped(using="system")
    old.update(created_at=Now() - KEPT - timedelta(seconds=1))
    assert alice.post("/v1/tasks", body, **{"Idempotency-Key": "one"}).json()["id"] != first["id"]


def test_keys_of_two_tenants_never_meet(alice: Person, charlie: Person) -> None:
    made = [
        person.post("/v1/tasks", task_body(person), **{"Idempotency-Key": "one"}).json()["id"]
        for person in (alice, charlie)
    ]
    assert made[0] != made[1]


def test_a_key_that_is_none_is_refused(alice: Person) -> None:
    body = task_body(alice)
    for key in ("", "x" * 256):
        assert alice.post("/v1/tasks", body, **{"Idempotency-Key": key}).status_code == 400


def test_a_failure_of_ours_leaves_neither_work_nor_record(alice: Person) -> None:
    """J9: the record commits with the work, or not at all; here the work's last step is forbidden by the database."""
    made = training.task(alice)
    with connections["owner"].cursor() as cursor:
        cursor.execute("REVOKE INSERT ON tenants_idempotencyrecord FROM landfall_role_app")
    try:
        assert training.fine_tune(alice, made).status_code == 500
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("GRANT INSERT ON tenants_idempotencyrecord TO landfall_role_app")
    with tenant_context(alice.tenant.id):
        assert not Job.objects.filter(kind="fine_tuning").exists()
        assert not AuditLog.objects.filter(action="fine_tuning.job.created").exists()
    assert json.loads(training.fine_tune(alice, made).content)["status"] == "queued"
