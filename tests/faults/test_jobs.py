"""What is promised of jobs whatever fails, with real workers, clocks, broker and store in processes of their own."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import psutil
import psycopg
import pytest
from django.db import OperationalError, connections

from jobs.models import Job
from jobs.services import events
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.faults.fleet import Fleet
from tests.jobs import counting

SUCCEEDED = ["fine_tuning.job.succeeded"]
LONG = {"steps": 50, "pause": 0.1, "checkpoint_every": 5}  # outlasts the lease of 3 s


@pytest.fixture(scope="module")
def started(migrated: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    fleet = Fleet(tmp_path_factory.mktemp("fleet"))
    yield fleet
    fleet.stop()


@pytest.fixture
def fleet(started: Fleet, database: None) -> Fleet:
    started.mend()
    return started


def wait_for(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.1)


def ended(job: Job) -> bool:
    return counting.fresh(job).finished_at is not None


def child_of(job: Job) -> psutil.Process:
    with tenant_context(job.tenant_id):
        data = events.of(job).filter(message="begun").latest("number").data
    return psutil.Process(data["pid"])


def under_way(job: Job) -> bool:
    return bool(counting.fresh(job).checkpoint)


def test_a_killed_worker_takes_its_child_along_and_another_goes_on_from_the_last_checkpoint(
    fleet: Fleet, alice: Person
) -> None:
    """J1, J2."""
    job = counting.submit(alice.tenant, **LONG)
    wait_for(lambda: under_way(job))
    child = child_of(job)
    fleet.kill(fleet.name_of_worker(job))
    wait_for(lambda: not child.is_running())
    wait_for(lambda: ended(job))
    row = counting.fresh(job)
    assert (row.state, row.attempt) == ("succeeded", 2)
    assert row.summary
    assert row.summary["from"] >= 5
    assert counting.published(job) == SUCCEEDED


def test_a_worker_frozen_past_its_lease_publishes_nothing_when_it_thaws(fleet: Fleet, alice: Person) -> None:
    """J3."""
    job = counting.submit(alice.tenant, **LONG)
    wait_for(lambda: under_way(job))
    frozen = fleet.name_of_worker(job)
    fleet.signal(frozen, signal.SIGSTOP)
    wait_for(lambda: ended(job))
    fleet.signal(frozen, signal.SIGCONT)
    wait_for(lambda: "no longer ours" in fleet.words(frozen))
    row = counting.fresh(job)
    assert (row.state, row.attempt) == ("succeeded", 2)
    assert counting.published(job) == SUCCEEDED


def test_a_worker_stopped_by_a_deploy_hands_its_job_on_uncharged(fleet: Fleet, alice: Person) -> None:
    job = counting.submit(alice.tenant, **LONG)
    wait_for(lambda: under_way(job))
    leaving = fleet.name_of_worker(job)
    fleet.signal(leaving, signal.SIGTERM)
    wait_for(lambda: fleet.ended(leaving))
    wait_for(lambda: ended(job))
    row = counting.fresh(job)
    assert (row.state, row.attempt, row.charged) == ("succeeded", 2, 1)
    assert counting.published(job) == SUCCEEDED


def test_a_broker_that_forgets_and_hears_rubbish_loses_nothing(fleet: Fleet, alice: Person) -> None:
    """J7."""
    jobs = [counting.submit(alice.tenant, steps=2, pause=0.2) for _ in range(4)]
    fleet.broker().flushall()
    fleet.broker().lpush(counting.QUEUE, b"\x00 no message")
    fleet.broker().flushall()
    wait_for(lambda: all(ended(job) for job in jobs))
    assert [counting.published(job) for job in jobs] == [SUCCEEDED] * 4


def test_a_job_is_accepted_while_the_broker_is_down_and_done_once_it_is_back(fleet: Fleet, alice: Person) -> None:
    """J8."""
    fleet.kill("redis")
    job = counting.submit(alice.tenant, steps=1)
    assert counting.fresh(job).state == "queued"
    fleet.mend()
    wait_for(lambda: ended(job))
    assert counting.published(job) == SUCCEEDED


def test_cut_database_connections_cost_no_attempt(fleet: Fleet, alice: Person) -> None:
    job = counting.submit(alice.tenant, **LONG)
    wait_for(lambda: under_way(job))
    with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
        name = connections["default"].settings_dict["NAME"]  # other tests have databases of their own beside it
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    wait_for(lambda: _patiently_ended(job))
    assert counting.fresh(job).attempt == 1
    assert counting.published(job) == SUCCEEDED


def _patiently_ended(job: Job) -> bool:
    """This process's own connections were cut too."""
    try:
        return ended(job)
    except OperationalError:
        connections.close_all()
        return False


def test_a_store_that_is_away_at_publication_costs_no_attempt(fleet: Fleet, alice: Person) -> None:
    fleet.store.shut()  # before the job exists: a machine under load may be slower to shut it than to publish
    job = counting.submit(alice.tenant, steps=5, pause=0.1)
    wait_for(lambda: "begun" in counting.told(job))
    lease = counting.fresh(job).lease_until
    wait_for(lambda: (counting.fresh(job).progress or {}).get("step") == 5)
    wait_for(lambda: not child_is_there(job))
    wait_for(lambda: prolonged(job, by_s=4, since=lease))
    assert counting.fresh(job).state == "running"
    fleet.store.open()
    wait_for(lambda: ended(job))
    assert counting.fresh(job).attempt == 1
    assert counting.published(job) == SUCCEEDED


def prolonged(job: Job, *, by_s: float, since: datetime | None) -> bool:
    """Whether the heartbeat went on for longer than a lease."""
    lease = counting.fresh(job).lease_until
    return lease is not None and since is not None and lease > since + timedelta(seconds=by_s)


def child_is_there(job: Job) -> bool:
    try:
        return child_of(job).is_running()
    except psutil.NoSuchProcess:
        return False
