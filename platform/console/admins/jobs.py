"""Jobs as staff need them: where each stands, who works on it, and why it failed in our own words too."""

from typing import Any

from console import cells
from console.cells import Table, column, moment
from console.reading import TenantAdmin
from jobs.models import Job, JobEvent

STATES = {
    "validating_files": cells.QUIET,
    "held": cells.QUIET,
    "queued": cells.QUIET,
    "running": cells.BUSY,
    "paused": cells.QUIET,
    "succeeded": cells.GOOD,
    "failed": cells.BAD,
    "cancelled": cells.QUIET,
}
LEVELS = {"info": cells.QUIET, "warn": cells.WARNING, "error": cells.BAD}
EVENTS_SHOWN = 100


class JobAdmin(TenantAdmin):
    columns = ("kind", "standing", "bar", "attempt", "took", "created")
    filters = ("state", "kind", "queue")
    search_fields = ("=id", "=worker")
    fields = (
        "id",
        "kind",
        "queue",
        "standing",
        "bar",
        "attempt",
        "charged",
        "worker",
        moment("created_at"),
        moment("started_at"),
        moment("finished_at"),
        "told",
        "internal",
        "result",
        "asked",
        "metadata",
    )

    @column("state", ordering="state", badges=STATES)
    def standing(self, row: Job) -> str:
        return str(row.state)

    @column("progress")
    def bar(self, row: Job) -> str:
        return progress(row)

    @column("took", ordering="started_at")
    def took(self, row: Job) -> str:
        return cells.between(row.started_at, row.finished_at) if row.state != "queued" else cells.NOTHING

    @column("created", ordering="created_at")
    def created(self, row: Job) -> str:
        return cells.ago(row.created_at)

    @column("error as the customer reads it")
    def told(self, row: Job) -> str:
        return cells.pretty(row.error)

    @column("error for staff alone")
    def internal(self, row: Job) -> str:
        return cells.lines(row.internal_error)

    @column("summary")
    def result(self, row: Job) -> str:
        return cells.pretty(row.summary)

    @column("specification")
    def asked(self, row: Job) -> str:
        return cells.pretty(row.spec)

    def tables(self, row: Job) -> list[Table]:
        events = JobEvent.objects.unscoped(using="staff").filter(job=row).order_by("-number")[:EVENTS_SHOWN]
        rows = [
            (one.number, cells.badge(one.level, LEVELS), cells.wrapped(one.message), cells.ago(one.created_at))
            for one in events
        ]
        return [Table(title="Events, newest first", headers=("Number", "Level", "Message", "When"), rows=rows)]


def progress(row: Job) -> str:
    """The bar of a running job, with its phase and the time that is left."""
    known: dict[str, Any] = row.progress or {}
    if row.state == "succeeded":
        return cells.bar(1.0, "done")
    if not known.get("steps"):
        return cells.NOTHING
    left = f", {cells.seconds(known['eta_s'])} left" if known.get("eta_s") and row.state == "running" else ""
    return cells.bar(known["step"] / known["steps"], f"{known.get('phase', '')} {known['step']}/{known['steps']}{left}")
