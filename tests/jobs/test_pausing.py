"""A job rests when its owner asks and goes on when its owner asks; what else happens to it meanwhile."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections

from api.errors import Conflict
from jobs import running, services
from jobs.models import Job
from jobs.services import ending, reconciling
from jobs.services.events import LostLease
from storage import blobs
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.counting import HANDLERS
from tests.jobs.test_child import wait_for
from tests.jobs.test_claims import claim, sure
from tests.jobs.test_ending import expire
from tests.jobs.test_running import Elsewhere, begun, result
from tests.jobs.test_submitting import cancel, held

ROUNDS = 8  # of each race: enough that both orders occur


def pause(job: Job) -> Job:
    with tenant_context(job.tenant_id):
        return services.pause(by="system:test", job=job)


def resume(job: Job) -> Job:
    with tenant_context(job.tenant_id):
        return services.resume(by="system:test", job=job)


def taken(person: Person, **spec: Any) -> Job:
    """As the worker sees it that has it."""
    job = counting.submit(person.tenant, **spec)
    sure(claim())
    return counting.fresh(job)


def succeed(job: Job) -> None:
    ending.succeed(job, {}, counting.succeeded)


def actions(job: Job) -> list[str]:
    with tenant_context(job.tenant_id):
        return list(AuditLog.objects.filter(target=job.id).order_by("id").values_list("action", flat=True))


def test_a_queued_job_rests_at_once_and_nobody_touches_it_until_it_is_resumed(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    assert pause(job).state == pause(job).state == "paused"
    assert claim() is None
    assert reconciling.take_back(HANDLERS) == 0
    assert counting.QUEUE not in reconciling.waiting()
    assert resume(job).state == resume(job).state == "queued"
    assert sure(claim()).job == job.id
    assert actions(job) == ["job.paused", "job.resumed"]
    assert counting.told(job) == ["The job is queued.", "The job is paused.", "The job is queued again."]


def test_a_running_job_rests_with_a_checkpoint_uncharged_and_goes_on_from_there(alice: Person) -> None:
    running.stopping.clear()
    job = counting.submit(alice.tenant, steps=80, pause=0.05)
    worker = Elsewhere()
    wait_for(lambda: begun(job))
    assert pause(job).state == "running"
    worker.end()
    row = counting.fresh(job)
    assert (row.state, row.attempt, row.charged, row.lease_until) == ("paused", 1, 0, None)
    assert blobs.listing(row.checkpoint)
    assert counting.told(job)[-1] == f"The job is paused; once resumed it goes on from step {row.checkpoint_step}."
    running.drain(counting.QUEUE, "w", HANDLERS)
    assert counting.fresh(job).state == "paused"
    resume(job)
    running.drain(counting.QUEUE, "w", HANDLERS)
    ended = counting.fresh(job)
    assert (ended.state, ended.charged) == ("succeeded", 1)
    assert result(ended) == {"from": row.checkpoint_step, "attempt": 2}


def test_a_job_that_waits_for_its_data_rests_when_that_is_there(alice: Person) -> None:
    job = held(alice)
    assert pause(job).state == "validating_files"
    with tenant_context(alice.tenant.id):
        services.admit(job)
    assert counting.fresh(job).state == "paused"
    assert claim() is None
    assert counting.told(job)[-1] == "The data is ready; the job is paused."


def test_a_pause_may_be_taken_back_before_it_is_carried_out(alice: Person) -> None:
    job = taken(alice)
    pause(job)
    assert resume(job).state == "running"
    ending.release(job)  # the child had stopped already
    assert counting.fresh(job).state == "queued"


def test_a_worker_lost_while_its_job_should_rest_leaves_it_resting(alice: Person) -> None:
    job = taken(alice)
    pause(job)
    expire(job)
    assert reconciling.take_back(HANDLERS) == 1
    row = counting.fresh(job)
    assert (row.state, row.charged) == ("paused", 1)


def test_an_end_that_comes_first_wins_and_what_has_ended_cannot_rest(alice: Person) -> None:
    job = taken(alice)
    pause(job)
    succeed(job)
    assert counting.fresh(job).state == "succeeded"
    for move in (pause, resume):
        with pytest.raises(Conflict, match="already succeeded") as refusal:
            move(job)
        assert (refusal.value.status, refusal.value.code) == (400, "job_already_finished")


def test_a_cancel_wins_over_a_pause_in_either_order(alice: Person) -> None:
    job = taken(alice)
    pause(job)
    cancel(alice, job)
    with pytest.raises(Conflict, match="is being cancelled"):
        pause(job)
    with pytest.raises(LostLease):
        ending.release(job)
    ending.stop(job, counting.cancelled)
    resting = counting.submit(alice.tenant)
    pause(resting)
    assert cancel(alice, resting).state == "cancelled"
    assert counting.told(resting)[-1] == "The job was cancelled while it rested."


def race(*moves: Callable[[], object]) -> None:
    """All at the same moment; whoever loses hears of it."""

    def run(move: Callable[[], object]) -> None:
        try:
            with suppress(Conflict, LostLease):
                move()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(moves)) as pool:
        list(pool.map(run, moves))


RACES: dict[str, tuple[Callable[[Job], object], set[tuple[str, bool]]]] = {
    "end": (succeed, {("succeeded", False)}),
    "release": (ending.release, {("paused", False)}),
    "claim": (lambda job: claim(), {("paused", False), ("running", True)}),
}


@pytest.mark.parametrize("name", RACES)
def test_whatever_comes_at_the_same_moment_the_database_decides(alice: Person, name: str) -> None:
    rival, ends = RACES[name]
    for _ in range(ROUNDS):
        job = counting.submit(alice.tenant) if name == "claim" else taken(alice)
        race(lambda: pause(job), lambda: rival(job))  # noqa: B023  (both have ended before the next round)
        row = counting.fresh(job)
        assert (row.state, row.pause_requested) in ends
        if row.state == "running":
            succeed(row)
