"""Starts a plan's parts, stage by stage, keeps them alive, and stops them in reverse when told to (SIGTERM, SIGINT).

Knows nothing of what the parts are. Whoever holds the plan's lock file is the one supervisor of that installation:
the kernel gives the lock back when the process ends, however it ends, and its parts die with it.
"""

import fcntl
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from embedded import processes
from embedded.parts import PartFailed, Plan
from embedded.processes import Running

LOOK_S = 0.25
FIRST_DELAY_S, LONGEST_DELAY_S = 1.0, 30.0  # before a part that died is started again; doubles each time
STEADY_S = 60.0  # a part that lived this long starts over with the first delay


@dataclass(frozen=True, kw_only=True)
class Report:
    """What the starter hears, one JSON object a line: "said" (a step begins), "ready", or "failed"."""

    kind: str
    text: str = ""
    part: str = ""
    log: str = ""


def supervise(plan: Plan, report: Callable[[Report], None]) -> int:
    """Returns the exit status, once everything has stopped: 0 was told to stop, 1 a part did not start."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    stages: list[list[Running]] = []
    try:
        start(plan, stages, report, stopping)
        if not stopping.is_set():
            report(Report(kind="ready"))
            keep(stages, stopping)
    except PartFailed as failed:
        report(Report(kind="failed", text=failed.why, part=failed.part, log=str(failed.log_path)))
        return 1
    finally:
        for stage in reversed(stages):
            processes.stop(stage)
    return 0


def start(plan: Plan, stages: list[list[Running]], report: Callable[[Report], None], stopping: threading.Event) -> None:
    """Fills `stages` as it goes, so that whatever has begun can be stopped wherever this ends."""
    for parts in plan.stages:
        report(Report(kind="said", text=", ".join(part.name for part in parts)))
        stage: list[Running] = []
        stages.append(stage)
        for part in parts:
            stage.append(processes.start(part))
        processes.wait_ready(stage, stopping=stopping.is_set)
        if stopping.is_set():
            return


@dataclass(kw_only=True)
class Watch:
    """One part's place in its stage, and when it may be started again."""

    stage: list[Running]
    index: int
    begun: float
    delay_s: float = FIRST_DELAY_S
    due: float | None = None

    def look(self, now: float) -> None:
        running = self.stage[self.index]
        if self.due is not None and now >= self.due:
            self.stage[self.index] = processes.start(running.part)
            self.begun, self.due = now, None
        elif self.due is None and running.exited() is not None:
            self.bury(running, now)

    def bury(self, running: Running, now: float) -> None:
        """Ends what the dead part left, and sets the time of its return."""
        processes.sweep(running)
        if now - self.begun >= STEADY_S:
            self.delay_s = FIRST_DELAY_S
        name, status = running.part.name, running.exited()
        print(f"{name} ended with status {status}; again in {self.delay_s:g} s.", file=sys.stderr, flush=True)
        self.due = now + self.delay_s
        self.delay_s = min(LONGEST_DELAY_S, 2 * self.delay_s)


def keep(stages: list[list[Running]], stopping: threading.Event) -> None:
    now = time.monotonic()
    watches = [
        Watch(stage=stage, index=index, begun=now)
        for stage in stages
        for index, running in enumerate(stage)
        if running.part.ready is not None
    ]
    while not stopping.wait(LOOK_S):
        for watch in watches:
            watch.look(time.monotonic())


def take(lock: Path) -> TextIO | None:
    """The lock file, held until it is closed, with our pid in it; None where another supervisor holds it."""
    stream = lock.open("a+")
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        stream.close()
        return None
    stream.truncate(0)
    stream.write(str(os.getpid()))
    stream.flush()
    return stream


def holder(lock: Path) -> int | None:
    """The pid of the running supervisor. A pid left by a dead one is never returned, whoever has it now."""
    with suppress(FileNotFoundError), lock.open("r+") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return int(stream.read())
    return None
