"""How attempts end, and that only the one that owns the job can end it. Each wall is also shown absent."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from contracts.problems import Problem
from jobs.models import Job
from jobs.services import claims, ending, reconciling
from jobs.services.events import LostLease
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.counting import HANDLERS, KIND
from tests.jobs.test_claims import claim, sure


def expire(job: Job) -> None:
    with connections["system"].cursor() as cursor:
        cursor.execute("UPDATE jobs_job SET lease_until = now() - interval '1 second' WHERE id = %s", [job.id])


def due(job: Job) -> None:
    """As if the pause before another try had passed."""
    Job.objects.unscoped(using="system").filter(id=job.id).update(not_before=Now())


def two_attempts(person: Person) -> tuple[Job, Job]:
    """The job as a worker sees it that lost its lease, and as the worker sees it that has it now."""
    job = counting.submit(person.tenant)
    sure(claim())
    stale = counting.fresh(job)
    expire(job)
    assert reconciling.take_back(HANDLERS) == 1
    due(job)
    sure(claim())
    return stale, counting.fresh(job)


def test_success_and_what_it_publishes_are_one(alice: Person) -> None:
    """J2: where publishing breaks, nothing has succeeded."""
    job = counting.submit(alice.tenant)
    sure(claim())
    mine = counting.fresh(job)

    def broken(job: Job, summary: dict[str, Any]) -> None:
        counting.succeeded(job, summary)
        raise RuntimeError("the disk of the database is full")

    with pytest.raises(RuntimeError):
        ending.succeed(mine, {"accuracy": 0.9}, broken)
    assert counting.fresh(job).state == "running"
    assert counting.published(job) == []
    ending.succeed(counting.fresh(job), {"accuracy": 0.9}, counting.succeeded)
    assert counting.fresh(job).summary == {"accuracy": 0.9}
    assert counting.published(job) == ["fine_tuning.job.succeeded"]
    assert counting.told(job)[-1] == "The job has succeeded."


STALE: list[Callable[[Job], object]] = [
    lambda job: ending.succeed(job, {}, counting.succeeded),
    lambda job: ending.fail(job, Problem("any", "Any."), counting.failed),
    lambda job: ending.stop(job, counting.cancelled),
    lambda job: ending.release(job),
    lambda job: ending.keep_checkpoint(job, "old/", 1),
    lambda job: ending.settle(
        claims.Claim(job=job.id, tenant=job.tenant_id, kind=KIND, attempt=job.attempt), HANDLERS[KIND], why="stale"
    ),
]


@pytest.mark.parametrize("write", STALE)
def test_a_stale_attempt_changes_nothing(alice: Person, write: Callable[[Job], object]) -> None:
    """J3."""
    stale, current = two_attempts(alice)
    before = _row(current)
    with pytest.raises(LostLease):
        write(stale)
    assert _row(current) == before
    assert counting.published(current) == []


def _row(job: Job) -> dict[str, Any]:
    with tenant_context(job.tenant_id):
        return dict(Job.objects.values().get(id=job.id))


def _succeed_both(stale: Job, current: Job) -> list[str]:
    for attempt in (stale, current):
        try:
            ending.succeed(attempt, {}, counting.succeeded)
        except LostLease:
            continue
    return counting.published(current)


def test_two_attempts_publish_once(alice: Person) -> None:
    assert _succeed_both(*two_attempts(alice)) == ["fine_tuning.job.succeeded"]


def test_control_without_the_fence_two_attempts_publish_twice(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def unfenced(job: Job, state: str, *, cancelled: bool, **values: Any) -> None:
        Job.objects.filter(id=job.id).update(state=state, lease_until=None, finished_at=Now(), **values)

    monkeypatch.setattr(ending, "_move", unfenced)
    assert _succeed_both(*two_attempts(alice)) == ["fine_tuning.job.succeeded"] * 2


def test_a_lost_worker_costs_an_attempt_and_the_job_goes_on(alice: Person) -> None:
    stale, current = two_attempts(alice)
    assert (stale.attempt, current.attempt, current.charged) == (1, 2, 2)
    assert "lease ended" in current.internal_error


def test_control_without_the_reconciler_the_job_stays_lost(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    sure(claim())
    expire(job)
    assert claim() is None
    assert counting.fresh(job).state == "running"


def test_a_lease_prolonged_in_the_meantime_is_left_alone(alice: Person) -> None:
    counting.submit(alice.tenant)
    claimed = sure(claim())
    with pytest.raises(LostLease):
        ending.settle(claimed, HANDLERS[KIND], why="too early", only_if_expired=True)
    assert reconciling.take_back(HANDLERS) == 0


def test_attempts_are_bounded_and_the_end_is_told_once(alice: Person, settings: Any) -> None:
    """J5."""
    job = counting.submit(alice.tenant)
    for _ in range(settings.MAX_ATTEMPTS):
        due(job)
        sure(claim())
        expire(job)
        reconciling.take_back(HANDLERS)
    row = counting.fresh(job)
    assert (row.state, counting.code(row)) == ("failed", "attempts_exhausted")
    assert reconciling.take_back(HANDLERS) == 0
    assert counting.published(job) == ["fine_tuning.job.failed"]


def test_a_cancelled_job_whose_worker_is_lost_ends_cancelled(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    sure(claim())
    with tenant_context(alice.tenant.id):
        Job.objects.filter(id=job.id).update(cancel_requested=True)
    expire(job)
    assert reconciling.take_back(HANDLERS) == 1
    assert counting.fresh(job).state == "cancelled"
    assert counting.published(job) == ["fine_tuning.job.cancelled"]


def test_a_job_that_cannot_be_settled_keeps_nobody_else_waiting(alice: Person, charlie: Person) -> None:
    """J6."""
    broken, good = counting.submit(alice.tenant, broken=True), counting.submit(charlie.tenant)
    for job in (broken, good):
        sure(claim())
        with tenant_context(job.tenant_id):
            Job.objects.filter(id=job.id).update(cancel_requested=True)
        expire(job)

    def cancelled(job: Job) -> None:
        if job.spec.get("broken"):
            raise RuntimeError("a fault of ours")
        counting.cancelled(job)

    handlers = {KIND: dataclasses.replace(HANDLERS[KIND], cancelled=cancelled)}
    assert reconciling.take_back(handlers) == 1
    assert counting.fresh(good).state == "cancelled"
    assert counting.fresh(broken).state == "running"
