"""A search: the fine-tune is held while trials, jobs of their own, find the settings that it is trained with.

    start --> trials side by side --each end: `advance`--> the next ones ... --> the fine-tune is admitted
                                          |
                    stop, minutes, budget +--> with the settings of the best trial on validation

What is to be done follows from the rows alone, under the lock of the fine-tune's job: whoever asks, however often,
comes to the same. A trial's end asks in its own transaction, the clock now and then. Locks are taken trial first; from
the fine-tune's lock on, a trial's row is only taken where it is free.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from api.errors import Conflict
from contracts.child import Progress
from contracts.problems import Problem
from contracts.search import Search
from jobs import services as jobs
from jobs.models import Job
from jobs.services import events
from jobs.services.reconciling import AWAY
from tenants import audit
from tenants.scoping import tenant_context
from training.models import FineTune, Trial
from training.services import told, trials

logger = logging.getLogger(__name__)

ALIAS = "system"
HOPELESS = 5  # failed trials, and no other: what is wrong is wrong with all of them
AT_ONCE = 1_000  # of each in one look


def start(fine_tune: FineTune) -> None:
    """Once the data is ready."""
    search = trials.search_of(fine_tune)
    limit = f" or {search.minutes} minutes" if search.minutes else ""
    jobs.hold(fine_tune.job, f"The data is ready; settings are searched by up to {search.trials} trials{limit}.")
    advance(fine_tune)


def advance(fine_tune: FineTune, *, over: bool = False) -> None:
    """The next trials, or the end of the search. `over`: no further ones."""
    job = Job.objects.select_for_update().get(id=fine_tune.job_id)
    if job.state != Job.State.HELD:
        return
    search, tried = trials.search_of(fine_tune), list(trials.of(fine_tune))
    under_way = [one for one in tried if one.job.finished_at is None]
    over = over or _overdue(fine_tune, search)
    if not over and not _hopeless(tried):
        missing = max(0, min(search.parallel - len(under_way), search.trials - len(tried)))
        for number in range(len(tried) + 1, len(tried) + 1 + missing):
            trials.submit(fine_tune, number=number)
        if missing or under_way:
            return
    _conclude(fine_tune, job, tried, over=over)
    cut(under_way)


def stop(*, by: str, fine_tune: FineTune) -> None:
    """The search ends with what it has found. Raises `Conflict` where none is under way."""
    job = Job.objects.select_for_update().get(id=fine_tune.job_id)
    if fine_tune.search is None or job.state != Job.State.HELD:
        raise Conflict("no_search", f"The job {job.id} is not searching; nothing was changed.", param="id")
    audit.record(by=by, action="fine_tuning.job.search_stopped", target=job.id)
    advance(fine_tune, over=True)
    fine_tune.job.refresh_from_db()


def cut(under_way: Sequence[Trial]) -> None:
    """Ends trials that nobody waits for. One whose row is taken at the moment is left to itself, or to `repair`."""
    keys = [one.job_id for one in under_way]
    for job in Job.objects.select_for_update(skip_locked=True).filter(id__in=keys, finished_at=None).order_by("id"):
        jobs.cancel(by="system:search", job=job)


def succeeded(job: Job, summary: dict[str, Any]) -> None:
    """In the transaction that ends the trial. Its parameters are from now on those that it was trained with."""
    trial = trials.ROWS.get(job.id)
    space = trials.search_of(trial.fine_tune).space
    used = {name: summary[name] for name in space if summary.get(name) is not None}
    trial.parameters = {**(trial.parameters or {}), **used}
    trial.value, trial.loss, trial.pruned = summary["value"], summary["loss"], summary["pruned"]
    trial.save(update_fields=["parameters", "value", "loss", "pruned"])
    reached = f"given up after {summary['epochs']} epochs, at" if trial.pruned else "reached"
    _ended(trial, f"{reached} {summary['told']} on validation")


def failed(job: Job) -> None:
    _ended(trials.ROWS.get(job.id), f"failed: {(job.error or {}).get('message', '')}", level="warn")


def cancelled(job: Job) -> None:
    _ended(trials.ROWS.get(job.id), "was cut off")


def repair() -> None:
    """For the clock: searches whose time is over, and whatever was left between two transactions."""
    held = FineTune.objects.unscoped(using=ALIAS).filter(job__state=Job.State.HELD)
    _each(held, lambda key: advance(FineTune.objects.select_related("job", "task").get(job_id=key)))
    open_ = Trial.objects.unscoped(using=ALIAS).filter(job__finished_at=None, job__cancel_requested=False)
    stray = open_.exclude(fine_tune__job__state=Job.State.HELD)
    _each(stray, lambda key: cut([Trial.objects.get(job_id=key)]))


def _each(rows: QuerySet[Any], mend: Callable[[str], None]) -> None:
    """One that cannot be mended is told to staff and keeps nobody else waiting."""
    for key, tenant in list(rows.values_list("job_id", "tenant_id")[:AT_ONCE]):
        try:
            with tenant_context(tenant):
                mend(key)
        except AWAY:
            raise
        except Exception:
            logger.exception("the search around %s cannot be repaired", key)


def _ended(trial: Trial, how: str, *, level: str = "info") -> None:
    fine_tune = trial.fine_tune
    job = Job.objects.select_for_update().get(id=fine_tune.job_id)
    if job.state != Job.State.HELD:
        return
    search, tried = trials.search_of(fine_tune), list(trials.of(fine_tune))
    best = trials.best(fine_tune, tried)
    leading = f"; best so far: {_told(best)} (trial {best.number})" if best else ""
    done = sum(one.job.finished_at is not None for one in tried)
    progress = Progress(phase="searching", step=done, steps=search.trials)
    text = f"Trial {trial.number} of {search.trials} {how.rstrip('.')}{leading}."
    events.say(job, text, level=level, progress=progress)
    advance(fine_tune)


def _conclude(fine_tune: FineTune, job: Job, tried: list[Trial], *, over: bool) -> None:
    best, broken = trials.best(fine_tune, tried), [one for one in tried if one.state == "failed"]
    if best is not None:
        FineTune.objects.filter(job_id=job.id).update(chosen=best.number)
        why = f"Trial {best.number} was the best on validation, with {_told(best)}: its settings are taken."
        jobs.admit(job, why)
    elif broken and (not over or _hopeless(tried)):
        first = (broken[0].job.error or {}).get("message", "")
        message = f"None of the search's {len(tried)} trials could be trained. The first failed: {first}"
        jobs.refuse(job, Problem("search_failed", message, param="search"))
        told.failed(job)
    else:
        jobs.admit(job, "The search ends before a trial has: the settings are those that a job without one has.")


def _hopeless(tried: list[Trial]) -> bool:
    ended = [one for one in tried if one.job.finished_at is not None]
    return len(ended) >= HOPELESS and all(one.state == "failed" for one in ended)


def _overdue(fine_tune: FineTune, search: Search) -> bool:
    """By the database's clock, from the moment that a worker took up the first trial."""
    if search.minutes is None:
        return False
    began = Now() - timedelta(minutes=search.minutes)
    return bool(trials.of(fine_tune).filter(job__started_at__lt=began).exists())


def _told(trial: Trial) -> str:
    return str((trial.job.summary or {}).get("told", trial.value))
