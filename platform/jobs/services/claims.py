"""The worker's side: claiming the fairest waiting job, keeping its lease, handing it back.

Claims and heartbeats run on the alias `system`, which sees every tenant's jobs. Only the database's clock decides.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connections, transaction
from django.db.models import F
from django.db.models.functions import Now

from jobs.models import Job
from jobs.models.job import State
from jobs.services.submitting import TO_THE_QUEUE, notify

ALIAS = "system"

# Fairest: the tenant with the fewest running jobs, then the one whose last turn is longest ago, then its oldest job.
# `waiting` hops through the partial index from tenant to tenant, however many jobs each has in the queue.
CLAIM = """
WITH RECURSIVE waiting AS (
    (SELECT tenant_id FROM jobs_job WHERE queue = %(queue)s AND state = 'queued' ORDER BY tenant_id LIMIT 1)
    UNION ALL
    SELECT (SELECT tenant_id FROM jobs_job WHERE queue = %(queue)s AND state = 'queued'
            AND tenant_id > waiting.tenant_id ORDER BY tenant_id LIMIT 1)
    FROM waiting WHERE waiting.tenant_id IS NOT NULL
)
UPDATE jobs_job SET state = 'running', attempt = attempt + 1, charged = charged + 1, worker = %(worker)s,
    lease_until = now() + make_interval(secs => %(lease)s), claimed_at = clock_timestamp(),
    started_at = COALESCE(started_at, now())
WHERE id = (
    SELECT oldest.id
    FROM (
        SELECT tenant_id,
            (SELECT count(*) FROM jobs_job r
             WHERE r.tenant_id = waiting.tenant_id AND r.queue = %(queue)s AND r.state = 'running') AS running,
            (SELECT max(claimed_at) FROM jobs_job t
             WHERE t.tenant_id = waiting.tenant_id AND t.queue = %(queue)s) AS last_turn
        FROM waiting WHERE tenant_id IS NOT NULL
        ORDER BY running, last_turn NULLS FIRST
    ) tenant
    CROSS JOIN LATERAL (
        SELECT id FROM jobs_job
        WHERE queue = %(queue)s AND tenant_id = tenant.tenant_id AND state = 'queued'
            AND not_before <= now() AND kind = ANY(%(kinds)s)
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) oldest
    LIMIT 1
)
RETURNING id, tenant_id, kind, attempt
"""
MINE = "id = %(job)s AND attempt = %(attempt)s AND state = 'running'"


@dataclass(frozen=True, kw_only=True)
class Claim:
    """A job this worker owns, as attempt number `attempt`, until the lease ends."""

    job: str
    tenant: UUID
    kind: str
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Pulse:
    """What a heartbeat learns: is the job still ours, and shall it be cancelled, or rest?"""

    mine: bool
    cancel: bool
    pause: bool


def claim(*, queue: str, worker: str, kinds: Iterable[str]) -> Claim | None:
    """The fairest waiting job of the queue whose kind this worker knows, or None.

    Claims of one queue follow one another (advisory lock), so that each sees what the one before it took.
    """
    given: dict[str, Any] = {"queue": queue, "worker": worker, "kinds": list(kinds), "lease": settings.LEASE_S}
    with transaction.atomic(using=ALIAS), connections[ALIAS].cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('landfall claim'), hashtext(%s))", [queue])
        cursor.execute(CLAIM, given)
        row = cursor.fetchone()
    return Claim(job=row[0], tenant=row[1], kind=row[2], attempt=row[3]) if row else None


def beat(claimed: Claim) -> Pulse:
    """Prolongs the lease."""
    prolonged = f"UPDATE jobs_job SET lease_until = now() + make_interval(secs => %(lease)s) WHERE {MINE}"  # noqa: S608
    return _pulse(f"{prolonged} RETURNING cancel_requested, pause_requested", claimed)


def look(claimed: Claim) -> Pulse:
    """The same knowledge without a write."""
    return _pulse(f"SELECT cancel_requested, pause_requested FROM jobs_job WHERE {MINE}", claimed)  # noqa: S608


def hand_back(job: Job, *, charge: bool, why: str = "") -> bool:
    """To the queue again, or to rest where that was asked for, checkpoint kept, in the tenant's context. False where
    the job is no longer this attempt's or was cancelled.

    `charge` False: the worker was told to stop, nobody is to blame, any other may go on at once. A charged job waits a
    little longer each time, so that what is broken around it may mend.
    """
    pause = timedelta(seconds=settings.RECONCILE_S * 2 ** (job.charged - 1) if charge else 0)
    owned = Job.objects.filter(id=job.id, attempt=job.attempt, state=State.RUNNING, cancel_requested=False)
    changed = owned.update(
        **TO_THE_QUEUE, lease_until=None, not_before=Now() + pause,
        charged=F("charged") - (0 if charge else 1), internal_error=why or F("internal_error"),
    )  # fmt: skip
    if changed:
        notify(job.queue)
    return changed == 1


def _pulse(statement: str, claimed: Claim) -> Pulse:
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(statement, {"job": claimed.job, "attempt": claimed.attempt, "lease": settings.LEASE_S})
        row = cursor.fetchone()
    return Pulse(mine=row is not None, cancel=bool(row and row[0]), pause=bool(row and row[1]))
