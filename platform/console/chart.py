"""Two weeks of jobs as stacked bars, drawn by console/chart.html without a script."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils import timezone

from jobs.models import Job

DAYS = 14


@dataclass(frozen=True, kw_only=True)
class Part:
    state: str
    jobs: int
    height: float  # per cent of the chart's


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One day's jobs by state."""

    day: date
    jobs: int
    parts: list[Part]


def states(drawn: list[Bar]) -> list[str]:
    """Those of the legend, in the order of a job's life."""
    return [state for state in Job.State.values if any(part.state == state for bar in drawn for part in bar.parts)]


def bars() -> list[Bar]:
    """Jobs by the day they were asked for and their state now, the oldest day first."""
    today = timezone.now().date()
    days = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    counts = _counts(days[0])
    totals = {day: sum(counts[day, state] for state in Job.State.values) for day in days}
    highest = max(totals.values()) or 1
    return [
        Bar(
            day=day,
            jobs=totals[day],
            parts=[
                Part(state=state, jobs=counts[day, state], height=100 * counts[day, state] / highest)
                for state in Job.State.values
                if counts[day, state]
            ],
        )
        for day in days
    ]


def _counts(since: date) -> Counter[tuple[date, str]]:
    rows = Job.objects.unscoped(using="staff").filter(created_at__date__gte=since)
    grouped = rows.annotate(day=TruncDate("created_at")).values_list("day", "state").annotate(jobs=Count("pk"))
    return Counter({(day, state): jobs for day, state, jobs in grouped.order_by()})
