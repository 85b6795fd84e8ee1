"""The door to the rooms above: what a kind of job does at each station of its way."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contracts.child import Candidate
from jobs.models import Job


@dataclass(frozen=True, kw_only=True)
class Folders:
    """An attempt's own scratch: `input` is filled by `prepare`, `work` and `output` belong to the child."""

    input: Path
    work: Path
    output: Path


def _no_checkpoint(job: Job, folder: Path, step: int) -> str:
    raise NotImplementedError(f"{job.kind} jobs write no checkpoints")


def _no_candidate(job: Job, folder: Path, found: Candidate) -> None:
    raise NotImplementedError(f"{job.kind} jobs make no models on the way")


@dataclass(frozen=True, kw_only=True)
class Handler:
    """`prepare` fills the input folder (spec.json among it) and returns the child's command; `collect` stores the
    output under a key that holds the attempt. Both run outside any transaction and may be called again.

    `succeeded`, `failed` and `cancelled` run inside the transaction that ends the job. `save_checkpoint` returns the
    folder's key in the store; `save_candidate` keeps a model on the way, if the job is still this attempt's.
    """

    prepare: Callable[[Job, Folders], list[str]]
    collect: Callable[[Job, Folders, dict[str, Any]], None]
    succeeded: Callable[[Job, dict[str, Any]], object]
    failed: Callable[[Job], object]
    cancelled: Callable[[Job], object]
    save_checkpoint: Callable[[Job, Path, int], str] = _no_checkpoint
    save_candidate: Callable[[Job, Path, Candidate], object] = _no_candidate
