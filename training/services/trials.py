"""The trials of a search as their rows tell them: asked for, and what is known of each."""

from django.db.models import QuerySet

from contracts.codec import from_data
from contracts.search import Search, Searched, Tried, Value
from contracts.task import LOWER_IS_BETTER
from jobs import services as jobs
from jobs.models import JobEvent
from jobs.services.rows import JobRows
from training.models import FineTune, Trial

KIND, QUEUE = "trial", "gpu"
ROWS = JobRows[Trial](Trial, "trial", ("fine_tune", "fine_tune__task", "fine_tune__dataset_version", "fine_tune__job"))


def search_of(fine_tune: FineTune) -> Search:
    return from_data(fine_tune.search, Search)


def of(fine_tune: FineTune) -> QuerySet[Trial]:
    rows: QuerySet[Trial] = Trial.objects.filter(fine_tune=fine_tune).select_related("job").order_by("number")
    return rows


def submit(fine_tune: FineTune, *, number: int) -> Trial:
    by = f"system:{fine_tune.job_id}"
    job = jobs.submit(
        by=by, kind=KIND, prefix="trial", queue=QUEUE, livemode=fine_tune.job.livemode, spec={"number": number}
    )
    made: Trial = Trial.objects.create(job=job, fine_tune=fine_tune, number=number)
    return made


def best(fine_tune: FineTune, tried: list[Trial]) -> Trial | None:
    """Of those that were trained to their end; a small validation split ties often: the loss decides then."""
    sign = -1 if fine_tune.task.metric in LOWER_IS_BETTER else 1
    completed = [one for one in tried if one.state == "completed" and one.value is not None]
    return max(completed, key=lambda one: (sign * (one.value or 0.0), -(one.loss or 0.0)), default=None)


def known(fine_tune: FineTune) -> tuple[Tried, ...]:
    rows = list(of(fine_tune))
    curves = curves_of(fine_tune, rows)
    return tuple(
        Tried(
            number=row.number,
            state=row.state,
            parameters=row.parameters or {},
            value=row.value,
            values=curves[row.job_id],
            seconds=(row.job.summary or {}).get("train_seconds"),
        )
        for row in rows
    )


def parameters_of(fine_tune: FineTune) -> dict[str, Value]:
    """What the fine-tune's search has found: those of the trial that was chosen."""
    chosen = of(fine_tune).filter(number=fine_tune.chosen or 0).first()  # they count from 1
    return (chosen.parameters or {}) if chosen else {}


def searched(fine_tune: FineTune) -> Searched | None:
    """For the report."""
    if fine_tune.search is None:
        return None
    return Searched(search=search_of(fine_tune), trials=known(fine_tune), chosen=fine_tune.chosen)


def curves_of(fine_tune: FineTune, rows: list[Trial]) -> dict[str, tuple[float, ...]]:
    """By trial the task's metric on validation after each epoch. An attempt that went on from a checkpoint may have
    told an epoch twice."""
    key = f"valid_{fine_tune.task.metric}"
    found: dict[str, dict[int, float]] = {row.job_id: {} for row in rows}
    told = JobEvent.objects.filter(job__in=list(found), type=JobEvent.Type.METRICS, data__has_key=key)
    for job, data in told.order_by("number").values_list("job_id", "data"):
        if data[key] is not None:
            found[job][data["step"]] = data[key]
    return {job: tuple(by_step.values()) for job, by_step in found.items()}
