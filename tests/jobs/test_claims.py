"""Whose turn it is, and what a lease is worth."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connections

from jobs.models import Job
from jobs.services import claims, ending
from jobs.services.claims import Claim
from tenants.models import Tenant
from tests.conftest import Person
from tests.factories import people
from tests.jobs import counting
from tests.jobs.counting import KIND, QUEUE


def claim() -> Claim | None:
    return claims.claim(queue=QUEUE, worker="w", kinds=[KIND])


def sure(claimed: Claim | None) -> Claim:
    assert claimed is not None
    return claimed


def finish(claimed: Claim) -> None:
    job = Job.objects.unscoped(using="system").get(id=claimed.job)
    ending.succeed(job, {}, lambda job, summary: None)


def tenants(count: int) -> list[Tenant]:
    return [people.tenant(f"company-{number}") for number in range(count)]


def test_the_oldest_job_is_claimed_once_and_the_row_says_by_whom(alice: Person) -> None:
    first, second = counting.submit(alice.tenant), counting.submit(alice.tenant)
    claimed = sure(claim())
    assert (claimed.job, claimed.tenant, claimed.attempt) == (first.id, alice.tenant.id, 1)
    assert sure(claim()).job == second.id
    assert claim() is None
    row = counting.fresh(first)
    assert (row.state, row.attempt, row.charged, row.worker) == ("running", 1, 1, "w")
    assert row.started_at is not None


def test_other_queues_and_unknown_kinds_are_left_alone(alice: Person) -> None:
    counting.submit(alice.tenant)
    assert claims.claim(queue="another", worker="w", kinds=[KIND]) is None
    assert claims.claim(queue=QUEUE, worker="w", kinds=["newer"]) is None


def _turns(slots: int, starts: int) -> Counter[Any]:
    running: list[Claim] = []
    turns: Counter[Any] = Counter()
    for _ in range(starts):
        claimed = sure(claim())
        turns[claimed.tenant] += 1
        running.append(claimed)
        if len(running) == slots:
            finish(running.pop(0))
    return turns


def test_equal_backlogs_get_equal_starts_with_one_slot(database: None) -> None:
    companies = tenants(3)
    for company, backlog in zip(companies, (20, 5, 5), strict=True):
        for _ in range(backlog):
            counting.submit(company)
    assert sorted(_turns(slots=1, starts=13).values()) == [4, 4, 5]


def test_equal_backlogs_get_equal_starts_with_four_slots(database: None) -> None:
    companies = tenants(3)
    for company, backlog in zip(companies, (20, 6, 6), strict=True):
        for _ in range(backlog):
            counting.submit(company)
    turns = _turns(slots=4, starts=13)
    assert all(abs(count - 13 / 3) <= 1 for count in turns.values())


def test_a_newcomer_is_next(alice: Person, charlie: Person) -> None:
    for _ in range(10):
        counting.submit(alice.tenant)
    for _ in range(3):
        finish(sure(claim()))
    newcomer = counting.submit(charlie.tenant)
    assert sure(claim()).job == newcomer.id


def test_who_runs_nothing_comes_before_who_runs_something(alice: Person, charlie: Person) -> None:
    counting.submit(charlie.tenant)
    finish(sure(claim()))
    for _ in range(3):
        counting.submit(alice.tenant)
    sure(claim())
    theirs = counting.submit(charlie.tenant)
    assert sure(claim()).job == theirs.id


def test_claims_at_the_same_moment_never_meet(database: None) -> None:
    for company in tenants(4):
        for _ in range(5):
            counting.submit(company)

    def claim_and_close(_: int) -> Claim | None:
        try:
            return claim()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        claimed = list(pool.map(claim_and_close, range(24)))
    got = [one for one in claimed if one]
    assert len(got) == len({one.job for one in got}) == 20


def test_a_beat_prolongs_the_lease_of_its_own_attempt_alone(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    claimed = sure(claim())
    before = counting.fresh(job).lease_until
    assert claims.beat(claimed) == claims.Pulse(mine=True, cancel=False, pause=False)
    after = counting.fresh(job).lease_until
    assert before is not None
    assert after is not None
    assert after > before
    stale = Claim(job=job.id, tenant=alice.tenant.id, kind=KIND, attempt=0)
    assert claims.beat(stale) == claims.look(stale) == claims.Pulse(mine=False, cancel=False, pause=False)
    assert counting.fresh(job).lease_until == after


def test_a_released_job_is_free_at_once_and_not_charged(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    sure(claim())
    ending.release(counting.fresh(job))
    row = counting.fresh(job)
    assert (row.state, row.attempt, row.charged, row.lease_until) == ("queued", 1, 0, None)
    assert sure(claim()).attempt == 2


def test_a_charged_job_waits_a_little(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    ending.settle(sure(claim()), counting.HANDLERS[KIND], why="the child crashed")
    row = counting.fresh(job)
    assert (row.state, row.charged, row.internal_error) == ("queued", 1, "the child crashed")
    assert claim() is None
