"""Rows that share their job's key: what one kind of job was asked, found and cancelled alike for every kind."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from api.errors import NotFound
from jobs.models import Job
from jobs.services.pausing import pause, resume
from jobs.services.submitting import cancel

Row = TypeVar("Row")


@dataclass(frozen=True)
class JobRows(Generic[Row]):
    """`model` has a `job` for its primary key; `noun` is what its owner calls it; `related` is read along with it.

    Everything needs a tenant context, and raises `NotFound` for an absent or foreign id.
    """

    model: Any
    noun: str
    related: tuple[str, ...] = ()

    def listed(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.select_related("job", *self.related)
        return rows

    def get(self, key: str) -> Row:
        row: Row | None = self.listed().filter(job_id=key).first()
        if row is None:
            raise NotFound(self.noun, key)
        return row

    def job(self, key: str) -> Job:
        row: Any = self.get(key)
        job: Job = row.job
        return job

    def cancel(self, *, by: str, key: str, cancelled: Callable[[Job], object]) -> Row:
        """`cancelled` is what the kind owes a job that ended here, before it began. Raises `Conflict` for a finished
        job."""
        row: Any = self._moved(key, lambda job: cancel(by=by, job=job))
        if row.job.finished_at is not None:
            cancelled(row.job)
        found: Row = row
        return found

    def pause(self, *, by: str, key: str) -> Row:
        """Raises `Conflict` for a finished job."""
        return self._moved(key, lambda job: pause(by=by, job=job))

    def resume(self, *, by: str, key: str) -> Row:
        """Raises `Conflict` for a finished job."""
        return self._moved(key, lambda job: resume(by=by, job=job))

    def _moved(self, key: str, move: Callable[[Job], Job]) -> Row:
        row: Any = self.get(key)
        row.job = move(row.job)
        found: Row = row
        return found
