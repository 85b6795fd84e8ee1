"""The state machine, held by the database itself whoever writes."""

from itertools import product

import pytest
from django.db import IntegrityError, connections, transaction

from jobs.models import Job
from jobs.models.job import MOVES, State
from tests.conftest import Person
from tests.jobs import counting

# What each state needs beside its name, so that nothing but the move itself can be refused.
SETTINGS = {
    State.VALIDATING: "",
    State.HELD: "",
    State.QUEUED: "",
    State.RUNNING: ", lease_until = now()",
    State.PAUSED: ", paused_at = now()",
    State.SUCCEEDED: ", finished_at = now(), summary = '{}'",
    State.FAILED: ", finished_at = now(), error = '{}'",
    State.CANCELLED: ", finished_at = now(), cancel_requested = true",
}
CLEARED = (
    "lease_until = NULL, finished_at = NULL, summary = NULL, error = NULL, cancel_requested = false, paused_at = NULL"
)
WAY_TO = {
    State.VALIDATING: (),
    State.HELD: (State.HELD,),
    State.QUEUED: (State.QUEUED,),
    State.RUNNING: (State.QUEUED, State.RUNNING),
    State.PAUSED: (State.QUEUED, State.PAUSED),
    State.SUCCEEDED: (State.QUEUED, State.RUNNING, State.SUCCEEDED),
    State.FAILED: (State.FAILED,),
    State.CANCELLED: (State.CANCELLED,),
}


def move(job: str, to: State, *, attempts: int = 0) -> None:
    """By plain SQL, as the role that may write every tenant's rows."""
    columns = {name: f"{name} = {value}" for name, _, value in (part.partition(" = ") for part in CLEARED.split(", "))}
    columns |= {part.split(" = ")[0]: part for part in SETTINGS[to].split(", ") if part}
    with transaction.atomic(using="system"), connections["system"].cursor() as cursor:
        cursor.execute(
            f"UPDATE jobs_job SET state = %s, attempt = attempt + %s, {', '.join(columns.values())} WHERE id = %s",
            [to, attempts, job],
        )


def claims(before: State, after: State) -> int:
    return int((before, after) == (State.QUEUED, State.RUNNING))


def in_state(person: Person, state: State) -> Job:
    job = counting.submit(person.tenant)
    with transaction.atomic(using="system"), connections["system"].cursor() as cursor:
        cursor.execute("DELETE FROM jobs_jobevent")
        cursor.execute("DELETE FROM jobs_job")
    Job(id=job.id, tenant=person.tenant, kind="counting", queue="counting", state=State.VALIDATING, spec={}).save(
        using="system", force_insert=True
    )
    before = State.VALIDATING
    for step in WAY_TO[state]:
        move(job.id, step, attempts=claims(before, step))
        before = step
    return job


@pytest.mark.parametrize("state", State)
def test_only_legal_moves_are_let_through(alice: Person, state: State) -> None:
    for other in State:
        job = in_state(alice, state)
        if other == state or (state, other) in MOVES:
            move(job.id, other, attempts=claims(state, other))
            continue
        with pytest.raises(IntegrityError, match=f"cannot go from {state} to {other}"):
            move(job.id, other)


def test_a_job_begins_waiting(alice: Person) -> None:
    job = Job(id="ftjob_x", tenant=alice.tenant, kind="counting", queue="counting", state=State.RUNNING, spec={})
    with pytest.raises(IntegrityError, match="begins waiting"):
        job.save(using="system", force_insert=True)


def test_only_a_claim_counts_an_attempt(alice: Person) -> None:
    for state, attempts in ((State.RUNNING, 1), (State.QUEUED, 1)):
        job = in_state(alice, state)
        with pytest.raises(IntegrityError, match="only a claim"):
            move(job.id, state, attempts=attempts)
    job = in_state(alice, State.QUEUED)
    with pytest.raises(IntegrityError, match="only a claim"):
        move(job.id, State.RUNNING, attempts=0)


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (State.QUEUED, "lease_until = now()"),
        (State.RUNNING, "lease_until = NULL"),
        (State.QUEUED, "finished_at = now()"),
        (State.SUCCEEDED, "finished_at = NULL"),
        (State.SUCCEEDED, "summary = NULL"),
        (State.RUNNING, "summary = '{}'"),
        (State.FAILED, "error = NULL"),
        (State.RUNNING, "error = '{}'"),
        (State.RUNNING, "checkpoint = 'somewhere'"),
        (State.RUNNING, "checkpoint_step = 3"),
        (State.QUEUED, "cancel_requested = true"),
        (State.SUCCEEDED, "cancel_requested = true"),
        (State.CANCELLED, "cancel_requested = false"),
        (State.PAUSED, "paused_at = NULL"),
        (State.QUEUED, "paused_at = now()"),
        (State.QUEUED, "pause_requested = true"),
        (State.RUNNING, "pause_requested = true, cancel_requested = true"),
    ],
)
def test_fields_that_belong_together_stay_together(alice: Person, state: State, change: str) -> None:
    job = in_state(alice, state)
    with (
        pytest.raises(IntegrityError, match="check constraint"),
        transaction.atomic(using="system"),
        connections["system"].cursor() as cursor,
    ):
        cursor.execute(f"UPDATE jobs_job SET {change} WHERE id = %s", [job.id])


def test_nothing_leads_out_of_an_end() -> None:
    ends = {State.SUCCEEDED, State.FAILED, State.CANCELLED}
    assert not {(before, after) for before, after in product(ends, State)} & MOVES
