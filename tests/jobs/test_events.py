"""What a job's owner reads while it runs."""

from typing import Any

import pytest

from contracts.child import Event, Metrics, Progress
from jobs.models import Job, JobEvent
from jobs.services import events
from jobs.services.events import LostLease
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs import counting
from tests.jobs.test_claims import claim, sure


def running(person: Person) -> Job:
    job = counting.submit(person.tenant)
    sure(claim())
    return counting.fresh(job)


def append(job: Job, *messages: Event | Metrics | Progress) -> None:
    with tenant_context(job.tenant_id):
        events.append(job, messages)


def rows(job: Job) -> list[dict[str, Any]]:
    with tenant_context(job.tenant_id):
        found = events.of(job).order_by("number").values("number", "type", "level", "message", "data")
        return [dict(row) for row in found]


def progress(step: int) -> Progress:
    return Progress(phase="training", step=step, steps=9)


def test_they_are_numbered_in_order_whoever_appends(alice: Person) -> None:
    job = running(alice)
    append(job, Event(message="a", level="warn", data={"epoch": 1}), Metrics(step=2, values={"loss": 0.25}))
    append(job, Event(message="b"))
    assert rows(job) == [
        {"number": 1, "type": "message", "level": "info", "message": "The job is queued.", "data": {}},
        {"number": 2, "type": "message", "level": "warn", "message": "a", "data": {"epoch": 1}},
        {
            "number": 3,
            "type": "metrics",
            "level": "info",
            "message": "Step 2: loss 0.25",
            "data": {"step": 2, "loss": 0.25},
        },
        {"number": 4, "type": "message", "level": "info", "message": "b", "data": {}},
    ]


def test_of_progress_only_the_newest_row_is_kept_and_its_number_grows(alice: Person) -> None:
    job = running(alice)
    append(job, progress(1), progress(2))
    append(job, progress(3), Event(message="a"))
    assert [(row["number"], row["type"]) for row in rows(job)] == [(1, "message"), (4, "progress"), (5, "message")]
    told = counting.fresh(job).progress
    assert told == {
        "phase": "training",
        "step": 3,
        "steps": 9,
        "eta_s": None,
        "steps_per_s": None,
        "loss": None,
        "epoch": None,
    }


def test_a_loss_that_is_no_number_is_told_as_none(alice: Person) -> None:
    job = running(alice)
    append(job, Metrics(step=1, values={"loss": float("nan")}))
    append(job, Progress(phase="training", step=1, steps=2, loss=float("inf")))
    assert [row["data"].get("loss", "absent") for row in rows(job)] == ["absent", None, None]


def test_a_stale_attempt_writes_none(alice: Person) -> None:
    """J3."""
    job = running(alice)
    stale = counting.fresh(job)
    stale.attempt = 0
    with pytest.raises(LostLease):
        append(stale, Event(message="from the past"), progress(9))
    assert len(rows(job)) == 1
    assert counting.fresh(job).progress is None


def test_they_stay_within_their_tenant(alice: Person, charlie: Person) -> None:
    job = running(alice)
    append(job, Event(message="a"))
    with tenant_context(charlie.tenant.id):
        assert not events.of(job).exists()
        assert not JobEvent.objects.exists()
