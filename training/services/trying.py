"""What a worker does for a trial: asks which parameters it is to have, and gives the engine what it needs."""

import subprocess
import sys
from typing import Any

from django.db import connection

from contracts.codec import from_json, to_json
from contracts.search import Question, Trial, Value
from jobs.child import environment
from jobs.handlers import Folders
from jobs.models import Job
from tenants.scoping import tenant_context
from training.models import Trial as Row
from training.services import inputs, trials

ANSWER_S = 45.0  # below the time that a transaction may do nothing; a second or two is usual


def prepare(job: Job, folders: Folders) -> list[str]:
    with tenant_context(job.tenant_id):
        row = trials.ROWS.get(job.id)
        parameters = _settled(row, folders)
        fine_tune, search = row.fine_tune, trials.search_of(row.fine_tune)
        earlier = tuple(one for one in trials.known(fine_tune) if one.number != row.number)
    trial = Trial(number=row.number, search=search, nearest=_nearest(row), earlier=earlier)
    return inputs.lay(job, fine_tune, folders, parameters=parameters, trial=trial)


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """A trial leaves its figures and nothing else."""


def _settled(row: Row, folders: Folders) -> dict[str, Value]:
    """Parameters are chosen once, and one trial after the other, so that each knows those under way beside it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('landfall search'), hashtext(%s))", [row.fine_tune.job_id]
        )
    row.refresh_from_db(fields=["parameters"])
    if row.parameters is None:
        row.parameters = _usual(row) if _nearest(row) else _asked(row, folders)
        row.save(update_fields=["parameters"])
    found: dict[str, Value] = row.parameters
    return found


def _nearest(row: Row) -> bool:
    """The first trial has what would be taken without a search, so that no search ends with worse."""
    return row.number == 1 and trials.search_of(row.fine_tune).strategy != "grid"


def _usual(row: Row) -> dict[str, Value]:
    """The engine finds the rest."""
    models, own = trials.search_of(row.fine_tune).space.get("model"), row.fine_tune.base_model
    return {"model": own if own in models else models[0]} if isinstance(models, tuple) else {}


def _asked(row: Row, folders: Folders) -> dict[str, Value]:
    fine_tune = row.fine_tune
    question = Question(
        search=trials.search_of(fine_tune),
        number=row.number,
        seed=fine_tune.seed,
        metric=fine_tune.task.metric,
        earlier=tuple(one for one in trials.known(fine_tune) if one.number != row.number),
    )
    home = folders.work.parent
    answer = subprocess.run(
        [sys.executable, "-m", "training.engine.search"],
        input=to_json(question), stdout=subprocess.PIPE, cwd=home, env=environment(home), timeout=ANSWER_S, check=True,
    )  # fmt: skip
    found: dict[str, Value] = from_json(answer.stdout, dict[str, Value])
    return found
