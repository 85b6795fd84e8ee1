"""A search by its rows: who starts trials, how each ending goes on, and that nobody starts one twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connections
from django.db.models.functions import Now

from contracts.codec import to_data
from contracts.problems import Problem
from contracts.search import Range, Search
from jobs import services as jobs
from jobs.models import Job
from jobs.services import claims, ending, events
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.jobs.test_ending import expire
from training.models import Dataset, DatasetVersion, FineTune, Task, Trial
from training.services import fine_tunes, searching, trials
from webhooks.models import Event
from workers.wiring import HANDLERS

SPACE = {"learning_rate_multiplier": Range(low=0.1, high=10.0, log=True)}


def submitted(alice: Person, **asked: Any) -> FineTune:
    """A fine-tune that searches, its data ready."""
    search = Search(**{"trials": 4, "space": SPACE, **asked})
    with tenant_context(alice.tenant.id):
        read = jobs.submit(by="key:x", kind="ingest", prefix="dsjob", queue="none", spec={})
        dataset = Dataset.objects.create(name="messages", status="ready", job=read)
        version = DatasetVersion.objects.create(
            dataset=dataset, task_kind="text-classification", prefix="nowhere/", sha256="0" * 64, rows={}, report={}
        )
        task = Task.objects.create(
            name="parts", type="text-classification", form="single-label", dataset=dataset, labels=["a", "b"],
            metric="accuracy",
        )  # fmt: skip
        job = jobs.submit(by="key:x", kind=fine_tunes.KIND, prefix="ftjob", queue="gpu", spec={}, validating=True)
        made: FineTune = FineTune.objects.create(
            job=job, task=task, dataset=dataset, dataset_version=version, training_file="file_1",
            base_model="minilm-l6", method="auto", search=to_data(search), seed=0,
        )  # fmt: skip
        searching.start(made)
    return made


def claimed(alice: Person) -> Job | None:
    """The next job, as a worker takes it."""
    found = claims.claim(queue="gpu", worker="w", kinds=HANDLERS)
    if found is None:
        return None
    with tenant_context(alice.tenant.id):
        job: Job = Job.objects.get(id=found.job)
        return job


def ended(job: Job, value: float, **more: Any) -> None:
    summary = {"value": value, "loss": 0.5, "pruned": False, "epochs": 3, "told": f"{value:.0%} accuracy", **more}
    ending.succeed(job, {"learning_rate_multiplier": 1.0, **summary}, searching.succeeded)


def broke(job: Job) -> None:
    ending.fail(job, Problem("diverged", "The training diverged."), searching.failed)


def row(made: FineTune) -> FineTune:
    with tenant_context(made.tenant_id):
        return fine_tunes.ROWS.get(made.job_id)


def states(made: FineTune) -> list[str]:
    with tenant_context(made.tenant_id):
        return [one.state for one in trials.of(made)]


def told(made: FineTune) -> list[str]:
    with tenant_context(made.tenant_id):
        found = events.of(made.job).filter(type="message").order_by("number")
        return [one.message for one in found]


def test_each_ending_starts_the_next_and_the_last_admits_the_best(alice: Person) -> None:
    made = submitted(alice, trials=3, parallel=2)
    assert states(made) == ["queued", "queued"]
    first, second = claimed(alice), claimed(alice)
    assert first
    assert second
    assert claimed(alice) is None, "the fine-tune itself occupies no worker"
    ended(second, 0.9, pruned=True)
    assert states(made) == ["running", "pruned", "queued"]
    ended(first, 0.7)
    third = claimed(alice)
    assert third
    assert row(made).job.state == "held"
    assert row(made).job.progress == {
        "phase": "searching", "step": 2, "steps": 3, "eta_s": None, "steps_per_s": None, "loss": None, "epoch": None,
    }  # fmt: skip
    ended(third, 0.8)
    assert (row(made).job.state, row(made).chosen) == ("queued", 3)
    assert told(made)[2:] == [
        "Trial 2 of 3 given up after 3 epochs, at 90% accuracy on validation.",
        "Trial 1 of 3 reached 70% accuracy on validation; best so far: 70% accuracy (trial 1).",
        "Trial 3 of 3 reached 80% accuracy on validation; best so far: 80% accuracy (trial 3).",
        "Trial 3 was the best on validation, with 80% accuracy: its settings are taken.",
    ]
    final = claimed(alice)
    assert final
    assert final.id == made.job_id
    with tenant_context(alice.tenant.id):
        assert trials.parameters_of(row(made)) == {"learning_rate_multiplier": 1.0}


def test_a_failed_trial_is_no_failed_search(alice: Person) -> None:
    made = submitted(alice, trials=2)
    for end in (broke, lambda job: ended(job, 0.6)):
        job = claimed(alice)
        assert job
        end(job)
    assert (states(made), row(made).chosen) == (["failed", "completed"], 2)


@pytest.mark.parametrize(("budget", "ran"), [(3, 3), (50, searching.HOPELESS)])
def test_where_all_fail_the_job_fails_with_the_reason_soon(alice: Person, budget: int, ran: int) -> None:
    made = submitted(alice, trials=budget)
    while job := claimed(alice):
        broke(job)
    found = row(made).job
    assert (found.state, len(states(made))) == ("failed", ran)
    assert found.error
    assert found.error["code"] == "search_failed"
    assert found.error["message"].endswith("The first failed: The training diverged.")
    with tenant_context(alice.tenant.id):
        assert [event.type for event in Event.objects.all()] == ["fine_tuning.job.failed"]


def test_stopped_it_keeps_what_was_found_and_its_trials_end(alice: Person) -> None:
    made = submitted(alice, trials=9, parallel=3)
    first, running = claimed(alice), claimed(alice)
    assert first
    assert running
    ended(first, 0.7)
    with tenant_context(alice.tenant.id):
        fine_tunes.stop_search(by="key:x", key=made.job_id)
    assert (row(made).job.state, row(made).chosen) == ("queued", 1)
    assert states(made) == ["completed", "running", "cancelled", "cancelled"]
    ending.stop(_fresh(running), searching.cancelled)
    assert len(states(made)) == 4
    with tenant_context(alice.tenant.id), pytest.raises(Problem) as refused:
        fine_tunes.stop_search(by="key:x", key=made.job_id)
    assert refused.value.code == "no_search"


def test_stopped_before_anything_has_ended_it_takes_what_a_job_without_a_search_has(alice: Person) -> None:
    made = submitted(alice)
    with tenant_context(alice.tenant.id):
        fine_tunes.stop_search(by="key:x", key=made.job_id)
        assert (row(made).job.state, trials.parameters_of(row(made))) == ("queued", {})


def test_cancelled_it_takes_its_trials_along(alice: Person) -> None:
    made = submitted(alice, parallel=2)
    running = claimed(alice)
    assert running
    with tenant_context(alice.tenant.id):
        assert fine_tunes.cancel(by="key:x", key=made.job_id).job.state == "cancelled"
    assert states(made) == ["running", "cancelled"]
    assert _fresh(running).cancel_requested
    ending.stop(_fresh(running), searching.cancelled)
    assert (row(made).job.state, len(states(made))) == ("cancelled", 2)


def test_the_clock_ends_a_search_whose_time_is_over(alice: Person) -> None:
    made = submitted(alice, trials=9, minutes=5, parallel=2)
    first, second = claimed(alice), claimed(alice)
    assert first
    assert second
    ended(first, 0.7)
    searching.repair()
    assert row(made).job.state == "held"
    _back(alice, minutes=6)
    searching.repair()
    assert (row(made).job.state, row(made).chosen) == ("queued", 1)
    assert _fresh(second).cancel_requested


def test_the_clock_repairs_what_was_left_between_two_transactions(alice: Person) -> None:
    made, other = submitted(alice, parallel=2), submitted(alice)
    with tenant_context(alice.tenant.id):
        Trial.objects.filter(fine_tune=made, number=2).delete()
        Job.objects.filter(id=other.job_id).update(state="cancelled", cancel_requested=True, finished_at=Now())
    searching.repair()
    assert (states(made), states(other)) == (["queued", "queued"], ["cancelled"])


def test_a_killed_trial_is_tried_again_and_given_up_at_last(alice: Person) -> None:
    made = submitted(alice, trials=2)
    for attempt in range(1, 4):
        job = claimed(alice)
        assert job
        assert job.attempt == attempt
        expire(job)
        found = claims.Claim(job=job.id, tenant=job.tenant_id, kind=job.kind, attempt=job.attempt)
        ending.settle(found, HANDLERS[trials.KIND], why="killed", only_if_expired=True)
        with tenant_context(alice.tenant.id):
            Job.objects.filter(id=job.id, state="queued").update(not_before=Now())
    assert states(made) == ["failed", "queued"]


def test_endings_at_the_same_moment_start_each_trial_once(alice: Person) -> None:
    made = submitted(alice, trials=40, parallel=8)
    for _ in range(3):
        running = [job for _ in range(8) if (job := claimed(alice))]
        threads = [threading.Thread(target=_in_its_own_connection, args=(ended, job, 0.5)) for job in running]
        threads += [threading.Thread(target=_in_its_own_connection, args=(searching.repair,)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=60)
        assert states(made).count("queued") == 8
    with tenant_context(alice.tenant.id):
        assert [one.number for one in trials.of(made)] == list(range(1, 33))


def _in_its_own_connection(act: Any, *given: Any) -> None:
    try:
        act(*given)
    finally:
        connections.close_all()


def _fresh(job: Job) -> Job:
    with tenant_context(job.tenant_id):
        found: Job = Job.objects.get(id=job.id)
        return found


def _back(alice: Person, *, minutes: int) -> None:
    """As if the trials had begun so long ago."""
    with tenant_context(alice.tenant.id):
        Job.objects.filter(kind=trials.KIND, started_at__isnull=False).update(
            started_at=Now() - timedelta(minutes=minutes)
        )
