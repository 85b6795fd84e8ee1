"""An attempt's own folders on this machine: made empty, removed afterwards, swept when a killed worker left them."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from jobs.handlers import Folders
from jobs.models import Job
from jobs.services.claims import ALIAS


@contextmanager
def scratch(job: str, attempt: int) -> Iterator[Folders]:
    home = _root() / f"{job}-{attempt}"
    folders = Folders(input=home / "input", work=home / "work", output=home / "output")
    for folder in (folders.input, folders.work, folders.output):
        folder.mkdir(parents=True)
    try:
        yield folders
    finally:
        shutil.rmtree(home, ignore_errors=True)


def sweep() -> int:
    """Removes what belongs to no running attempt. Returns how many folders."""
    found = {home.name: home for home in _root().glob("*-*")}
    running = Job.objects.unscoped(using=ALIAS).filter(state=Job.State.RUNNING).values_list("id", "attempt")
    left = found.keys() - {f"{job}-{attempt}" for job, attempt in running}
    for name in left:
        shutil.rmtree(found[name], ignore_errors=True)
    return len(left)


def _root() -> Path:
    return Path(settings.STATE) / "scratch"
