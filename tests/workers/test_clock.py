"""The dispatcher and reconciler, one look at a time."""

import logging
import os
from collections.abc import Iterator

import psycopg
import pytest
import redis
from django.conf import settings
from pytest_django.fixtures import Settings

from jobs import scratch
from jobs.celery import HINT
from tenants.idempotency import KEPT
from tenants.models import IdempotencyRecord
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.counting import HANDLERS, KIND, QUEUE
from tests.jobs.test_claims import claim, sure
from tests.jobs.test_ending import expire
from workers import clock, wiring
from workers.clock import HINTS, Broker


@pytest.fixture
def broker() -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.delete(QUEUE)
        yield broker
        broker.delete(QUEUE)


@pytest.fixture(autouse=True)
def counting_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(wiring.HANDLERS, KIND, HANDLERS[KIND])


def test_a_waiting_job_is_hinted_once_however_often_it_looks(alice: Person, broker: "redis.Redis") -> None:
    counting.submit(alice.tenant)
    for _ in range(3):
        clock.look(Broker())
    assert broker.llen(QUEUE) == 1
    assert HINT.encode() in broker.lrange(QUEUE, 0, 0)[0]


def test_a_lost_hint_is_sent_again(alice: Person, broker: "redis.Redis") -> None:
    """J7."""
    counting.submit(alice.tenant)
    clock.look(Broker())
    broker.delete(QUEUE)
    clock.look(Broker())
    assert broker.llen(QUEUE) == 1


def test_a_long_queue_puts_a_few_hints_into_the_broker(alice: Person, broker: "redis.Redis") -> None:
    for _ in range(HINTS + 5):
        counting.submit(alice.tenant)
    clock.look(Broker())
    assert broker.llen(QUEUE) == HINTS


def test_a_job_that_runs_needs_no_hint(alice: Person, broker: "redis.Redis") -> None:
    counting.submit(alice.tenant)
    sure(claim())
    clock.look(Broker())
    assert broker.llen(QUEUE) == 0


def test_with_the_broker_away_leases_are_still_looked_after(
    alice: Person, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    away = Broker()
    job = counting.submit(alice.tenant)
    counting.submit(alice.tenant)
    sure(claim())
    expire(job)
    with caplog.at_level(logging.WARNING, logger="workers.clock"):
        for _ in range(3):
            clock.look(away)
    assert counting.fresh(job).state == "queued"
    assert [record.message[:18] for record in caplog.records if "broker" in record.message] == ["the broker is away"]


def test_while_another_clock_works_this_one_does_nothing(alice: Person, broker: "redis.Redis") -> None:
    counting.submit(alice.tenant)
    with psycopg.connect(os.environ["DATABASE_SYSTEM_URL"], autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('landfall clock'))")
        clock.look(Broker())
        assert broker.llen(QUEUE) == 0
        other.execute("SELECT pg_advisory_unlock(hashtext('landfall clock'))")
        clock.look(Broker())
        assert broker.llen(QUEUE) == 1


def test_it_tidies_what_nobody_needs_any_more(alice: Person) -> None:
    job = counting.submit(alice.tenant)
    sure(claim())
    with scratch.scratch(job.id, 1) as mine, scratch.scratch("ftjob_gone", 1) as left:
        for age in (KEPT * 2, KEPT / 2):
            record = IdempotencyRecord(tenant=alice.tenant, key=str(age), fingerprint="x", status=200, body={})
            record.save(using="system", force_insert=True)
            old = IdempotencyRecord.objects.unscoped(using="system").filter(key=str(age))
            old.update(created_at=record.created_at - age)
        clock.look(Broker(), tidy=True)
        assert mine.work.exists()
        assert not left.work.exists()
    kept = IdempotencyRecord.objects.unscoped(using="system").values_list("key", flat=True)
    assert list(kept) == [str(KEPT / 2)]
