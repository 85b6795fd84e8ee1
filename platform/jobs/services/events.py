"""Events are appended under numbers taken from the job's row: its lock orders everyone who appends."""

import json
import math
from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from contracts.child import Event, Message, Metrics, Progress
from contracts.codec import to_data
from jobs.models import Job, JobEvent

FENCED = "AND attempt = %s AND state = 'running'"


class LostLease(Exception):
    """Another attempt owns the job now; whoever hears this stops and changes nothing."""


def say(job: Job, message: str, *, level: str = "info", progress: Progress | None = None) -> None:
    """One sentence by the house itself, in the transaction of what it tells of, and how far the job is by that."""
    _append(job, [Event(message=message, level=level), *([progress] if progress else [])], fenced=False)


def append(job: Job, messages: Sequence[Event | Metrics | Progress]) -> None:
    """What the child said. Raises `LostLease` unless this attempt still owns the job; then nothing is written."""
    _append(job, messages, fenced=True)


def of(job: Job) -> QuerySet[JobEvent]:
    rows: QuerySet[JobEvent] = JobEvent.objects.filter(job=job)
    return rows


def _append(job: Job, messages: Sequence[Event | Metrics | Progress], *, fenced: bool) -> None:
    newest = next((message for message in reversed(messages) if isinstance(message, Progress)), None)
    last = _take_numbers(job, len(messages), newest, fenced=fenced)
    if newest is not None:
        of(job).filter(type=JobEvent.Type.PROGRESS).delete()
    JobEvent.objects.bulk_create(
        JobEvent(tenant_id=job.tenant_id, job=job, number=number, **_row(message))
        for number, message in enumerate(messages, last - len(messages) + 1)
        if message is newest or not isinstance(message, Progress)
    )


def _take_numbers(job: Job, count: int, progress: Progress | None, *, fenced: bool) -> int:
    """The last of `count` numbers; the job's row takes the progress along."""
    told = json.dumps(_without_type(progress)) if progress else None
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_job SET event_count = event_count + %s, progress = COALESCE(%s::jsonb, progress) "  # noqa: S608
            f"WHERE tenant_id = %s AND id = %s {FENCED if fenced else ''} RETURNING event_count",
            [count, told, job.tenant_id, job.id, *([job.attempt] if fenced else [])],
        )
        row = cursor.fetchone()
    if row is None:
        raise LostLease(job.id)
    last: int = row[0]
    return last


def _row(message: Event | Metrics | Progress) -> dict[str, Any]:
    if isinstance(message, Event):
        return {
            "type": JobEvent.Type.MESSAGE,
            "level": message.level,
            "message": message.message,
            "data": {name: _finite(value) for name, value in message.data.items()},
        }
    if isinstance(message, Metrics):
        values = {"step": message.step, **{name: _finite(value) for name, value in message.values.items()}}
        shown = ", ".join(f"{name} {value:.4g}" for name, value in message.values.items())
        return {"type": JobEvent.Type.METRICS, "message": f"Step {message.step}: {shown}", "data": values}
    text = f"{message.phase.capitalize()}: step {message.step} of {message.steps}"
    return {"type": JobEvent.Type.PROGRESS, "message": text, "data": _without_type(message)}


def _without_type(message: Message) -> dict[str, Any]:
    """As a JSON column stores it: a loss that is no number (NaN, infinite) is none."""
    data: dict[str, Any] = to_data(message)
    del data["type"]
    return {name: _finite(value) for name, value in data.items()}


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
