"""One attempt at a training, whatever is trained: its inputs for the engine, its checkpoints and its artifact."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings

from contracts.codec import to_json
from contracts.fine_tune import BaseModel, FineTuneSpec
from jobs.handlers import Folders
from jobs.models import Job
from storage import blobs, keys
from training.models import DatasetVersion
from training.services import base_models, datasets


def lay_out(
    job: Job, folders: Folders, *, version: DatasetVersion | None, name: str, found: BaseModel | None
) -> BaseModel:
    """Data, base and last checkpoint. `name`, `found`: the base as it was asked for, and as it was found.

    Returns the base with a location that the engine can load."""
    if version is None:
        raise RuntimeError(f"{job.id} was admitted without a data set version")
    if found is None:
        raise base_models.gone(name)
    base = base_models.materialise(found, folders.input / "base" if base_models.is_own(name) else None)
    datasets.fetch(version, folders.input / "data.parquet")
    if job.checkpoint:
        blobs.download_folder(job.checkpoint, folders.input / "checkpoint")
    return base


def command(job: Job, folders: Folders, spec: FineTuneSpec, *, program: str = "training.engine") -> list[str]:
    """The child's command, its spec written."""
    asked = replace(
        spec, checkpoint_every_s=float(settings.CHECKPOINT_S), resume="checkpoint" if job.checkpoint else None
    )
    (folders.input / "spec.json").write_bytes(to_json(asked))
    return [sys.executable, "-m", program]


def save_checkpoint(job: Job, folder: Path, step: int) -> str:
    """Uploads one checkpoint; its key is what another worker resumes from."""
    prefix = keys.checkpoint(job.tenant_id, job.id, job.attempt, step)
    blobs.upload_folder(folder, prefix)
    return prefix


def collect(job: Job, folders: Folders, summary: dict[str, Any]) -> None:
    """The artifact goes up under a key that holds the attempt, its manifest last."""
    blobs.upload_folder(folders.output, prefix(job))


def prefix(job: Job) -> str:
    return keys.model(job.tenant_id, job.spec["model"], job.attempt)
