"""What the first page tells: figures, two weeks of jobs, what runs, what failed. Reads through the `staff` role."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.urls import reverse

from console import cells, chart
from console.admins.jobs import progress
from console.admins.webhooks import outcome
from console.cells import Table
from jobs.models import Job
from tenants.models import Tenant
from training.models import Model
from webhooks.models import Attempt, Delivery

SHOWN = 8  # rows of each list
DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class Figure:
    title: str
    value: int
    note: str
    link: str


def overview() -> dict[str, Any]:
    bars = chart.bars()
    return {
        "figures": [tenants(), running_jobs(), finished_jobs(), models(), deliveries()],
        "bars": bars,
        "states": chart.states(bars),
        "running": [running()],
        "tables": [recent_failures(), missed_deliveries()],
    }


def tenants() -> Figure:
    count = Tenant.objects.using("staff").count()
    return Figure(title="Tenants", value=count, note="", link=reverse("console:tenants_tenant_changelist"))


def running_jobs() -> Figure:
    found = _jobs().aggregate(
        running=Count("pk", filter=Q(state="running")), queued=Count("pk", filter=Q(state="queued"))
    )
    link = reverse("console:jobs_job_changelist") + "?state__exact=running"
    return Figure(title="Jobs running", value=found["running"], note=f"{found['queued']} queued", link=link)


def finished_jobs() -> Figure:
    found = _jobs().filter(finished_at__gte=Now() - DAY).values_list("state").annotate(count=Count("pk"))
    counts = dict(found.order_by())
    note = f"{counts.get('failed', 0)} failed, {counts.get('cancelled', 0)} cancelled"
    link = reverse("console:jobs_job_changelist") + "?state__exact=succeeded"
    return Figure(title="Jobs succeeded, 24 h", value=counts.get("succeeded", 0), note=note, link=link)


def models() -> Figure:
    rows = Model.objects.unscoped(using="staff")
    note = f"{rows.filter(created_at__gte=Now() - DAY).count()} in 24 h"
    return Figure(title="Models", value=rows.count(), note=note, link=reverse("console:training_model_changelist"))


def deliveries() -> Figure:
    today = Q(created_at__gte=Now() - DAY)
    found = Delivery.objects.unscoped(using="staff").aggregate(
        arrived=Count("pk", filter=today & Q(state="succeeded")),
        waiting=Count("pk", filter=Q(state="pending")),
        lost=Count("pk", filter=today & Q(state="failed")),
    )
    note = f"{found['waiting']} waiting, {found['lost']} given up"
    link = reverse("console:webhooks_delivery_changelist")
    return Figure(title="Webhooks delivered, 24 h", value=found["arrived"], note=note, link=link)


def running() -> Table:
    rows = _jobs().filter(state="running").select_related("tenant").order_by("started_at")[:SHOWN]
    return Table(
        title="Running now",
        headers=("Tenant", "Job", "Kind", "Progress", "Attempt", "Worker", "For"),
        rows=[
            (
                one.tenant,
                cells.to(one),
                one.kind,
                progress(one),
                one.attempt,
                one.worker,
                cells.between(one.started_at, None),
            )
            for one in rows
        ],
        link=reverse("console:jobs_job_changelist") + "?state__exact=running",
        empty="Nothing is running.",
    )


def recent_failures() -> Table:
    rows = _jobs().filter(state="failed").select_related("tenant").order_by("-finished_at")[:SHOWN]
    return Table(
        title="Jobs that failed",
        headers=("Tenant", "Job", "Kind", "Why", "When"),
        rows=[(one.tenant, cells.to(one), one.kind, why(one), cells.ago(one.finished_at)) for one in rows],
        link=reverse("console:jobs_job_changelist") + "?state__exact=failed",
        empty="No job has failed.",
    )


def why(job: Job) -> str:
    error: dict[str, Any] = job.error or {}
    return cells.wrapped(f"{error.get('code', '')}: {error.get('message', '')}")


def missed_deliveries() -> Table:
    """The newest attempts that did not arrive."""
    failed = Attempt.objects.unscoped(using="staff").exclude(error="").exclude(ended_at=None)
    newest = failed.select_related("tenant", "delivery__event", "delivery__endpoint").order_by("-id")[:SHOWN]
    rows = [
        (
            one.tenant,
            cells.to(one.delivery, one.delivery.event.type),
            one.delivery.endpoint,
            one.number,
            outcome(one),
            cells.ago(one.ended_at),
        )
        for one in newest
    ]
    return Table(
        title="Webhook attempts that did not arrive",
        headers=("Tenant", "Event", "Receiver", "Attempt", "Outcome", "When"),
        rows=rows,
        link=reverse("console:webhooks_delivery_changelist"),
        empty="Everything that was sent has arrived.",
    )


def _jobs() -> QuerySet[Job]:
    rows: QuerySet[Job] = Job.objects.unscoped(using="staff")
    return rows
