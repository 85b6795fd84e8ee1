"""What a worker runs, and what it says while it runs."""

from jobs.models.event import JobEvent
from jobs.models.job import Job

__all__ = ["Job", "JobEvent"]
