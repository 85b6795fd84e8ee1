"""What a child process (engine, ingestion) says to the worker that started it: one JSON object a line on a pipe.

`python -m training.engine --spec F --input DIR --work DIR --output DIR [--events FD]` (FD 1 by default).
Exit codes: 0 done; 65 (EX_DATAERR) a `ProblemMessage` was sent; 75 (EX_TEMPFAIL) stopped by SIGTERM after writing a
checkpoint, to be resumed; anything else is a crash of ours.
"""

import json
from dataclasses import dataclass, field

from contracts.codec import from_data
from contracts.problems import Fault

DONE, PROBLEM, INTERRUPTED = 0, 65, 75


@dataclass(frozen=True, kw_only=True)
class Event:
    """A sentence for the customer: what was chosen, what was noticed, what was finished."""

    message: str
    level: str = "info"  # "info" | "warn" | "error", OpenAI's words
    data: dict[str, str | int | float | bool | None] = field(default_factory=dict)
    type: str = "event"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Where the work stands, at most a few a second. `eta_s` counts to the end of the job."""

    # "loading", "searching", "baseline", "training", "evaluating", "exporting", "compressing", "recovering", "reading"
    phase: str
    step: int
    steps: int
    eta_s: float | None = None
    steps_per_s: float | None = None
    loss: float | None = None
    epoch: float | None = None
    type: str = "progress"


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """Numbers at a step: `train_loss`, `train_accuracy`, `valid_loss`, `valid_accuracy`, `learning_rate` ..."""

    step: int
    values: dict[str, float]
    type: str = "metrics"


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """A complete, hashed checkpoint folder, relative to the work folder, ready to be copied away."""

    step: int
    path: str
    type: str = "checkpoint"


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A complete, sealed model folder, relative to the work folder, ready to be copied away: the best on validation so
    far, at `step`. `values`: what that validation measured, as `Metrics` told it."""

    step: int
    path: str
    values: dict[str, float]
    type: str = "candidate"


@dataclass(frozen=True, kw_only=True)
class ProblemMessage:
    """A failure the customer can mend, all faults at once."""

    code: str
    message: str
    faults: tuple[Fault, ...]
    type: str = "problem"


@dataclass(frozen=True, kw_only=True)
class Done:
    """The output folder is complete. `summary` holds what lists show: metric values, rows, seconds."""

    summary: dict[str, str | int | float | bool | None]
    type: str = "done"


Message = Event | Progress | Metrics | Checkpoint | Candidate | ProblemMessage | Done

KINDS: dict[str, type[Message]] = {
    "event": Event,
    "progress": Progress,
    "metrics": Metrics,
    "checkpoint": Checkpoint,
    "candidate": Candidate,
    "problem": ProblemMessage,
    "done": Done,
}


def parse(line: bytes) -> Message:
    """One line of the pipe; raises `ValueError` where it is none of the messages above."""
    data = json.loads(line)
    kind = KINDS.get(str(data.get("type"))) if isinstance(data, dict) else None
    if kind is None:
        raise ValueError("a child's message names no known type")
    return from_data(data, kind)
