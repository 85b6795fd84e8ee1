"""What time alone brings back: jobs whose worker is gone, and the count of those that wait for one."""

import logging
from collections.abc import Mapping

from django.db import InterfaceError, OperationalError, connections
from django.db.models.functions import Now
from psycopg_pool import PoolTimeout

from jobs.handlers import Handler
from jobs.models import Job
from jobs.models.job import State
from jobs.services import ending
from jobs.services.claims import ALIAS, Claim
from jobs.services.events import LostLease

logger = logging.getLogger(__name__)

AWAY = (OperationalError, InterfaceError, PoolTimeout)  # the database itself; nobody's job is to blame
AT_ONCE = 1_000  # expired leases settled in one look


def take_back(handlers: Mapping[str, Handler]) -> int:
    """Every running job whose lease has ended goes back to the queue, or to its end. Returns how many.

    One job that cannot be settled is told to staff and keeps nobody else waiting.
    """
    lost = Job.objects.unscoped(using=ALIAS).filter(state=State.RUNNING, lease_until__lt=Now(), kind__in=handlers)
    taken = 0
    for job, tenant, kind, attempt in list(lost.values_list("id", "tenant_id", "kind", "attempt")[:AT_ONCE]):
        claimed = Claim(job=job, tenant=tenant, kind=kind, attempt=attempt)
        why = f"attempt {attempt}: the worker's lease ended without a word"
        try:
            ending.settle(claimed, handlers[kind], why=why, only_if_expired=True)
        except LostLease:
            logger.info("job %s came back by itself", job)
        except AWAY:
            raise
        except Exception:
            logger.exception("job %s cannot be settled", job)
        else:
            logger.warning("job %s: %s", job, why)
            taken += 1
    return taken


def waiting() -> dict[str, int]:
    """How many jobs could begin now, in each queue."""
    with connections[ALIAS].cursor() as cursor:
        cursor.execute(
            "SELECT queue, count(*) FROM jobs_job WHERE state = 'queued' AND not_before <= now() GROUP BY queue"
        )
        return dict(cursor.fetchall())
