"""The door to the rooms above: what a kind of job does at each station of its way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class Folders:
    """An attempt's own scratch: `input` is filled by `prepare`, `work` and `output` belong to the child."""

    input: Path
    work: Path
    output: Path


def _no_checkpoint(job: Job, folder: Path, step: int) -> str:
    raise NotImplementedError(f"{job.kind} jobs write no checkpoints")


@dataclass(frozen=True, kw_only=True)
class Handler:
    """`prepare` fills the input folder (spec.json among it) and returns the child's command; `collect` stores the
    output under a key that holds the attempt. Both run outside any transaction and may be called again.

    `succeeded`, `failed` and `cancelled` run inside the transaction that ends the job. `save_checkpoint` returns the
    folder's key in the store.
    """

    prepare: Callable[[Job, Folders], list[str]]
    collect: Callable[[Job, Folders, dict[str, Any]], None]
    succeeded: Callable[[Job, dict[str, Any]], object]
    failed: Callable[[Job], object]
    cancelled: Callable[[Job], object]
    save_checkpoint: Callable[[Job, Path, int], str] = _no_checkpoint
