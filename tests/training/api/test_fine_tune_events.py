"""A job's events as they happen: server-sent, each once, resumable, with an end."""

import asyncio
import json
from typing import Any

import pytest
from django.db.models.functions import Now

from contracts.child import Event, Metrics, Progress
from jobs.api.events import stream
from jobs.models import Job
from jobs.services import claims
from jobs.services import events as job_events
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.api.fine_tunes import NAME
from training.services import fine_tunes


@pytest.fixture
def job(alice: Person) -> str:
    """Running, with a message, a measurement and progress told twice."""
    made: str = training.fine_tune(alice, training.task(alice)).json()["id"]
    claims.claim(queue="gpu", worker="test", kinds=["fine_tuning"])
    with tenant_context(alice.tenant.id):
        row = Job.objects.get(id=made)
        told = [Progress(phase="training", step=step, steps=9, loss=0.5, eta_s=1.0) for step in (1, 2)]
        job_events.append(row, [Event(message="The base is small."), Metrics(step=1, values={"train_loss": 0.5})])
        job_events.append(row, told)
    return made


def frames(alice: Person, job: str, *, seen: int = 0, count: int | None = None) -> list[dict[str, Any]]:
    """The first `count` frames, or all to the end, as dicts of their fields."""

    async def read() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        async for frame in stream(alice.tenant.id, fine_tunes.ROWS, job, seen, name=NAME):
            fields = dict(line.split(": ", 1) for line in frame.strip().splitlines())
            found.append(fields)
            if len(found) == count:
                break
        return found

    return asyncio.run(read())


def test_every_event_comes_once_in_order_and_of_progress_the_newest(alice: Person, job: str) -> None:
    told = frames(alice, job, count=4)
    assert [json.loads(frame["data"])["type"] for frame in told] == ["message", "message", "metrics", "progress"]
    numbers = [int(frame["id"]) for frame in told]
    assert numbers == sorted(set(numbers))
    assert json.loads(told[-1]["data"])["data"]["step"] == 2
    assert {frame["event"] for frame in told} == {"fine_tuning.job.event"}


def test_a_client_goes_on_after_the_last_event_it_saw(alice: Person, job: str) -> None:
    told = frames(alice, job, count=4)
    assert frames(alice, job, seen=int(told[1]["id"]), count=2) == told[2:]


def test_the_stream_ends_with_the_job(alice: Person, job: str) -> None:
    with tenant_context(alice.tenant.id):
        ended = {"state": "cancelled", "cancel_requested": True, "lease_until": None, "finished_at": Now()}
        Job.objects.filter(id=job).update(**ended)
    last = frames(alice, job)[-1]
    assert last == {"event": "done", "data": "[DONE]"}


def test_the_measurements_are_a_list_of_their_own(alice: Person, job: str) -> None:
    rows = alice.get(f"/v1/fine_tuning/jobs/{job}/metrics").json()["data"]
    assert [row["data"] for row in rows] == [{"step": 1, "train_loss": 0.5}]


def test_progress_is_told_with_the_job_itself(alice: Person, job: str) -> None:
    told = alice.get(f"/v1/fine_tuning/jobs/{job}").json()
    assert (told["status"], told["progress"]["step"], told["progress"]["eta_s"]) == ("running", 2, 1.0)


@pytest.mark.parametrize("header", ["-1", "one", "9" * 30, "1.5"])
def test_a_last_event_id_that_is_none_is_refused(alice: Person, job: str, header: str) -> None:
    answer = alice.get(f"/v1/fine_tuning/jobs/{job}/events?stream=true", **{"Last-Event-ID": header})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "Last-Event-ID")
