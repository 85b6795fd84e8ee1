"""The requester's side: accepted, admitted, refused, cancelled."""

from collections.abc import Callable

import psycopg
import pytest
from django.db import IntegrityError, connections

from api.errors import Conflict
from contracts.problems import Fault, Problem
from jobs import services
from jobs.models import Job
from jobs.services import ending
from jobs.services.submitting import CHANNEL
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.test_claims import claim, sure


def cancel(person: Person, job: Job) -> Job:
    with tenant_context(person.tenant.id):
        return services.cancel(by="system:test", job=job)


def held(person: Person) -> Job:
    with tenant_context(person.tenant.id):
        return services.submit(
            by="system:test", kind=counting.KIND, prefix="ftjob", queue=counting.QUEUE, spec={}, validating=True
        )


def test_a_committed_job_is_announced_and_a_rolled_back_one_leaves_nothing(alice: Person) -> None:
    """J9. The announcement is PostgreSQL's: no broker is asked."""
    with psycopg.connect(_dsn(), autocommit=True) as listener:
        listener.execute(f"LISTEN {CHANNEL}")
        with pytest.raises(IntegrityError), tenant_context(alice.tenant.id):
            _submit_and_break()
        job = counting.submit(alice.tenant)
        assert [note.payload for note in listener.notifies(timeout=1, stop_after=1)] == [counting.QUEUE]
    assert [row.id for row in Job.objects.unscoped(using="system")] == [job.id]
    assert counting.told(job) == ["The job is queued."]


def _submit_and_break() -> None:
    job = services.submit(by="system:test", kind="counting", prefix="ftjob", queue="undone", spec={})
    Job.objects.filter(id=job.id).update(state="running")


def _dsn() -> str:
    parameters = connections["system"].get_connection_params()
    names = ("host", "port", "user", "password", "dbname")
    return psycopg.conninfo.make_conninfo(**{name: parameters[name] for name in names})


def test_a_held_job_is_claimed_once_it_was_admitted(alice: Person) -> None:
    job = held(alice)
    assert claim() is None
    with tenant_context(alice.tenant.id):
        services.admit(job)
    assert sure(claim()).job == job.id


def test_a_held_job_may_be_refused_with_every_fault(alice: Person) -> None:
    job = held(alice)
    faults = [Fault(code="empty_dataset", message="No rows.", param="file"), Fault(code="other", message="Other.")]
    with tenant_context(alice.tenant.id):
        assert services.refuse(job, Problem.of(faults))
        assert not services.refuse(job, Problem.of(faults))
    row = counting.fresh(job)
    assert row.state == "failed"
    assert row.error == {
        "code": "empty_dataset",
        "message": "No rows.",
        "param": "file",
        "errors": [
            {"code": "empty_dataset", "message": "No rows.", "param": "file"},
            {"code": "other", "message": "Other.", "param": None},
        ],
    }


def test_a_waiting_job_is_cancelled_at_once(alice: Person) -> None:
    for job in (counting.submit(alice.tenant), held(alice)):
        cancelled = cancel(alice, job)
        assert cancelled.state == "cancelled"
        assert cancelled.finished_at is not None
    assert claim() is None


def test_of_a_running_job_its_worker_hears_and_no_other_ending_is_possible(alice: Person) -> None:
    """J11: the cancel was accepted, so it wins."""
    job = counting.submit(alice.tenant)
    claimed = sure(claim())
    assert cancel(alice, job).state == "running"
    assert services.claims.look(claimed).cancel
    mine = counting.fresh(job)
    ends: list[Callable[[], None]] = [
        lambda: ending.succeed(mine, {}, lambda job, summary: None),
        lambda: ending.fail(mine, Problem("any", "Any."), lambda job: None),
        lambda: ending.release(mine),
    ]
    for end in ends:
        with pytest.raises(services.events.LostLease):
            end()
    ending.stop(mine, lambda job: None)
    assert counting.fresh(job).state == "cancelled"


def test_a_finished_job_cannot_be_cancelled_and_clients_are_told_not_to_retry(alice: Person) -> None:
    """J11: the other ending was first, so the cancel loses."""
    job = counting.submit(alice.tenant)
    sure(claim())
    ending.succeed(counting.fresh(job), {}, lambda job, summary: None)
    with pytest.raises(Conflict, match="already succeeded") as refusal:
        cancel(alice, job)
    assert (refusal.value.status, refusal.value.code) == (400, "job_already_finished")
    assert refusal.value.headers == {"x-should-retry": "false"}
    assert counting.fresh(job).state == "succeeded"


def test_a_cancel_is_on_record_once(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    cancel(alice, job)
    with tenant_context(alice.tenant.id):
        assert AuditLog.objects.filter(target=job.id, action="job.cancelled").count() == 1


def test_another_tenants_job_does_not_exist(alice: Person, charlie: Person) -> None:
    job = counting.submit(alice.tenant)
    with pytest.raises(Job.DoesNotExist):
        cancel(charlie, job)
