"""A job and its events as every kind of job shows them; OpenAI's names where OpenAI has them."""

from typing import Any

from jobs.models import Job, JobEvent


def job_object(job: Job, name: str, **more: Any) -> dict[str, Any]:
    """`name` is the object's type, such as `fine_tuning.job`; `more` what this kind of job was asked and came to."""
    return {
        "id": job.id,
        "object": name,
        "created_at": int(job.created_at.timestamp()),
        "livemode": job.livemode,
        "metadata": job.metadata,
        "status": job.state,
        "progress": job.progress,
        "attempt": job.attempt,
        "started_at": int(job.started_at.timestamp()) if job.started_at else None,
        "finished_at": int(job.finished_at.timestamp()) if job.finished_at else None,
        "error": job.error,
        **more,
    }


def event_object(row: JobEvent, name: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": f"{name}.event",
        "created_at": int(row.created_at.timestamp()),
        "level": row.level,
        "message": row.message,
        "type": row.type,
        "data": row.data,
    }
