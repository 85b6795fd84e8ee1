"""Models of one task are numbered one after the other, whatever was deleted and whoever ends at the same time."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from jobs.models import Job
from jobs.services import claims
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import Model
from training.services import fine_tunes


def claimed(alice: Person, task: dict[str, object]) -> Job:
    training.fine_tune(alice, task)
    taken = claims.claim(queue="gpu", worker="test", kinds=["fine_tuning"])
    assert taken is not None
    with tenant_context(alice.tenant.id):
        job: Job = Job.objects.get(id=taken.job)
        return job


def ended(alice: Person, job: Job) -> int:
    try:
        with tenant_context(alice.tenant.id):
            version: int = fine_tunes.succeeded(job, {"accuracy": 0.5}).version
            return version
    finally:
        connections.close_all()


def test_a_number_is_never_given_again(alice: Person) -> None:
    task = training.task(alice)
    assert [ended(alice, claimed(alice, task)) for _ in range(2)] == [1, 2]
    with tenant_context(alice.tenant.id):
        Model.objects.get(version=1).delete()
    assert ended(alice, claimed(alice, task)) == 3


def test_jobs_that_end_at_the_same_time_get_numbers_of_their_own(alice: Person) -> None:
    task = training.task(alice)
    jobs = [claimed(alice, task) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        numbers = list(pool.map(lambda job: ended(alice, job), jobs))
    assert sorted(numbers) == [1, 2, 3, 4, 5, 6]
