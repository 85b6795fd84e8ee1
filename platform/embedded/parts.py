"""What a part of the stack is: a program, its environment, its log, and how it shows that it serves.

Plain values that go to the supervisor as JSON; nothing here starts anything.
"""

import signal
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A part serves once its log holds a match of `line`, or once `url` answers with one of `statuses`."""

    line: str | None = None
    url: str | None = None
    statuses: tuple[int, ...] = (200,)


@dataclass(frozen=True, kw_only=True)
class Part:
    """`ready` None means a step: it must end with status 0 before the next stage begins.

    `account` is who root becomes for it, `reach` whether that account may pass through folders closed to others.
    """

    name: str
    argv: tuple[str, ...]
    env: dict[str, str]
    cwd: str
    log: str
    ready: Ready | None = None
    within_s: float = 60.0
    stop_signal: int = signal.SIGTERM
    grace_s: float = 15.0  # between the signal and SIGKILL
    account: str | None = None
    reach: bool = False


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Stages begin one after the other and stop in reverse; the parts of a stage begin and stop together."""

    lock: str
    stages: tuple[tuple[Part, ...], ...] = field(default_factory=tuple)


class PartFailed(Exception):
    """A part did not come up. Says which, why (its last words) and where its log is."""

    def __init__(self, part: str, why: str, log_path: Path) -> None:
        super().__init__(f"{part} did not start: {why}\nIts log: {log_path}")
        self.part = part
        self.why = why
        self.log_path = log_path
