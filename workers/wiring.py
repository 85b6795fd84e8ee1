"""What each kind of job does, put together from the rooms that do not see each other: training and inference."""

from typing import Any

from django.db import transaction

from contracts.problems import Problem
from inference.services import releases
from jobs.handlers import Handler
from jobs.models import Job
from jobs.services import events
from training.services import (
    attempts,
    checkpoints,
    compressions,
    datasets,
    erasures,
    evaluations,
    exports,
    fine_tunes,
    pretrainings,
    searching,
    trials,
    trying,
    waiting,
)


def ingested(job: Job, summary: dict[str, Any]) -> None:
    """The version exists; trainings that waited for it are admitted, or told why not."""
    waiting.admit(datasets.succeeded(job, summary))


def not_ingested(job: Job) -> None:
    waiting.refuse(datasets.failed(job))


def fine_tuned(job: Job, summary: dict[str, Any]) -> None:
    """The model exists; where an endpoint was asked for, it answers with it from this transaction on.

    A release that cannot be made (the endpoint serves another kind of task by now) does not take the model with it.
    """
    model = fine_tunes.succeeded(job, summary)
    name = fine_tunes.ROWS.get(job.id).endpoint
    if not name:
        return
    try:
        with transaction.atomic():
            releases.deploy(by=f"system:{job.id}", name=name, model=model.id, livemode=job.livemode)
    except Problem as problem:
        events.say(job, f"The model was not released to '{name}': {problem.message}", level="warn")


HANDLERS = {
    datasets.KIND: Handler(
        prepare=datasets.prepare,
        collect=datasets.collect,
        succeeded=ingested,
        failed=not_ingested,
        cancelled=not_ingested,
    ),
    exports.KIND: Handler(
        prepare=exports.prepare,
        collect=exports.collect,
        succeeded=exports.succeeded,
        failed=exports.failed,
        cancelled=exports.failed,
    ),
    erasures.KIND: Handler(
        prepare=erasures.prepare,
        collect=erasures.collect,
        succeeded=erasures.succeeded,
        failed=erasures.failed,
        cancelled=erasures.failed,
    ),
    compressions.KIND: Handler(
        prepare=compressions.prepare,
        collect=compressions.collect,
        succeeded=compressions.succeeded,
        failed=compressions.failed,
        cancelled=compressions.cancelled,
        save_checkpoint=attempts.save_checkpoint,
    ),
    evaluations.KIND: Handler(
        prepare=evaluations.prepare,
        collect=evaluations.collect,
        succeeded=evaluations.succeeded,
        failed=evaluations.failed,
        cancelled=evaluations.cancelled,
    ),
    fine_tunes.KIND: Handler(
        prepare=fine_tunes.prepare,
        collect=attempts.collect,
        succeeded=fine_tuned,
        failed=fine_tunes.failed,
        cancelled=fine_tunes.cancelled,
        save_checkpoint=attempts.save_checkpoint,
        save_candidate=checkpoints.save,
    ),
    pretrainings.KIND: Handler(
        prepare=pretrainings.prepare,
        collect=attempts.collect,
        succeeded=pretrainings.succeeded,
        failed=pretrainings.failed,
        cancelled=pretrainings.cancelled,
        save_checkpoint=attempts.save_checkpoint,
    ),
    trials.KIND: Handler(
        prepare=trying.prepare,
        collect=trying.collect,
        succeeded=searching.succeeded,
        failed=searching.failed,
        cancelled=searching.cancelled,
        save_checkpoint=attempts.save_checkpoint,
    ),
}
