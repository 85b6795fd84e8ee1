"""Whole attempts in this process: a real child, real rows, the real object store."""

import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as real
from django.db import connections
from pytest_django.fixtures import Settings

from contracts.codec import from_json
from jobs import running
from jobs.models import Job
from jobs.services import claims, ending, submitting
from storage import blobs, keys
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.counting import HANDLERS, KIND, QUEUE
from tests.jobs.test_child import wait_for
from tests.jobs.test_ending import due


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """This process is the worker; nobody tells it to stop."""
    running.stopping.clear()
    yield
    running.stopping.clear()


def run(job: Job) -> Job:
    due(job)
    running.drain(QUEUE, "w", HANDLERS)
    return counting.fresh(job)


def result(job: Job) -> dict[str, Any]:
    return from_json(blobs.get(keys.model(job.tenant_id, job.id, job.attempt) + "result.json"), dict[str, Any])


def test_a_job_from_claim_to_publication(alice: Person) -> None:
    job = run(counting.submit(alice.tenant, steps=3))
    assert job.state == "succeeded"
    assert result(job) == {"from": 0, "attempt": 1}
    assert counting.published(job) == ["fine_tuning.job.succeeded"]
    assert counting.told(job) == ["The job is queued.", "The job has started.", "begun", "The job has succeeded."]
    assert job.progress
    assert job.progress["step"] == 3
    assert not any((real.STATE / "scratch").iterdir())


def test_a_customers_problem_ends_it_at_once(alice: Person) -> None:
    for spec in ({"problem": "empty_text"}, {"refused": True}):
        job = run(counting.submit(alice.tenant, **spec))
        assert (job.state, job.attempt) == ("failed", 1)
        assert counting.code(job) == spec.get("problem", "file_missing")
        assert counting.published(job) == ["fine_tuning.job.failed"]


def test_a_cap_is_named(alice: Person, settings: Settings) -> None:
    settings.JOB_MEMORY_MB = 100
    job = run(counting.submit(alice.tenant, memory_mb=300))
    assert (job.state, counting.code(job)) == ("failed", "memory_limit")
    assert "100 MB" in counting.told(job)[-1]


def test_a_crash_is_tried_again_from_the_last_checkpoint(alice: Person) -> None:
    job = run(counting.submit(alice.tenant, steps=6, checkpoint_every=2, crash_at=5, crashes=1))
    assert (job.state, job.charged, job.checkpoint_step) == ("queued", 1, 4)
    assert "a stack trace for staff" in job.internal_error
    assert "stack trace" not in " ".join(counting.told(job))
    job = run(job)
    assert job.state == "succeeded"
    assert result(job) == {"from": 4, "attempt": 2}
    assert "The job goes on from step 4." in counting.told(job)
    assert blobs.listing(f"tenants/{job.tenant_id}/jobs/{job.id}/") == []


def test_a_poison_job_ends_and_the_next_one_runs(alice: Person, charlie: Person) -> None:
    """J5, J6."""
    poison, good = counting.submit(alice.tenant, crash_at=1), counting.submit(charlie.tenant)
    for _ in range(real.MAX_ATTEMPTS):
        poison = run(poison)
    assert (poison.state, counting.code(poison)) == ("failed", "attempts_exhausted")
    assert counting.fresh(good).state == "succeeded"


def test_a_child_that_ends_without_a_word_has_not_succeeded(alice: Person) -> None:
    job = run(counting.submit(alice.tenant, silent=True))
    assert (job.state, job.charged) == ("queued", 1)


def test_a_fault_of_ours_is_tried_again_and_not_told(alice: Person) -> None:
    def broken(job: Job, folders: object) -> list[str]:
        raise MemoryError("numpy wanted the moon")

    job = counting.submit(alice.tenant)
    running.drain(QUEUE, "w", {KIND: dataclasses.replace(HANDLERS[KIND], prepare=broken)})
    job = counting.fresh(job)
    assert (job.state, job.charged) == ("queued", 1)
    assert "numpy" in job.internal_error
    assert "numpy" not in " ".join(counting.told(job))


class Elsewhere:
    """The worker in a thread, while the test does something to it."""

    def __init__(self) -> None:
        self.thread = threading.Thread(target=self._drain)
        self.thread.start()

    def _drain(self) -> None:
        try:
            running.drain(QUEUE, "w", HANDLERS)
        finally:
            connections.close_all()

    def end(self) -> None:
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()


def begun(job: Job) -> bool:
    return "begun" in counting.told(job)


def test_cancelled_while_running_it_ends_soon_and_publishes_nothing(alice: Person) -> None:
    job = counting.submit(alice.tenant, steps=10_000, pause=0.1, deaf=True)
    worker = Elsewhere()
    wait_for(lambda: begun(job))
    with tenant_context(alice.tenant.id):
        submitting.cancel(by="system:test", job=job)
    worker.end()
    assert counting.fresh(job).state == "cancelled"
    assert counting.published(job) == ["fine_tuning.job.cancelled"]


def test_told_to_stop_the_worker_hands_its_job_back_with_a_checkpoint(alice: Person) -> None:
    job = counting.submit(alice.tenant, steps=10_000, pause=0.05)
    worker = Elsewhere()
    wait_for(lambda: begun(job))
    running.stopping.set()
    worker.end()
    row = counting.fresh(job)
    assert (row.state, row.attempt, row.charged) == ("queued", 1, 0)
    assert row.checkpoint_step
    with tenant_context(alice.tenant.id):
        assert blobs.listing(row.checkpoint)


def test_when_the_lease_is_lost_the_child_is_ended_and_nothing_is_written(alice: Person, settings: Settings) -> None:
    """J4."""
    job = counting.submit(alice.tenant, steps=10_000, pause=0.1, deaf=True)
    worker = Elsewhere()
    wait_for(lambda: begun(job))
    mine = counting.fresh(job)
    claimed = claims.Claim(job=job.id, tenant=job.tenant_id, kind=KIND, attempt=mine.attempt)
    ending.settle(claimed, HANDLERS[KIND], why="taken away")
    worker.end()
    row = counting.fresh(job)
    assert (row.state, row.attempt) == ("queued", 1)
    assert counting.published(job) == []
