"""Starts one part, waits until it serves, stops it with everything it started.

A part dies with its parent: the kernel ties that to the *thread* that started it, so start parts from a thread that
lives as long as they shall.
"""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from embedded import launch
from embedded.parts import Part, PartFailed, Ready

POLL_S = 0.05
LAST_LINES = 8  # of a log, repeated in the failure
LOG_LIMIT = 20 << 20  # bytes; a longer log is put aside once, as NAME.log.1, when its part starts


@dataclass(frozen=True, kw_only=True)
class Running:
    """A started part. `log_start` is where its own words begin in the log."""

    part: Part
    process: subprocess.Popen[bytes]
    log_start: int

    def exited(self) -> int | None:
        return self.process.poll()

    def words(self) -> str:
        with Path(self.part.log).open("rb") as log:
            log.seek(self.log_start)
            return log.read().decode(errors="replace")


def start(part: Part) -> Running:
    """Begins the part in its own session; raises `PartFailed` where the program cannot even be launched."""
    log = Path(part.log)
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(f"{log.name}.1"))
    with log.open("ab") as output:
        log_start = output.tell()
        process = subprocess.Popen(
            launched(part.argv, death_signal=part.stop_signal, account=part.account, reach=part.reach),
            env=part.env,
            cwd=part.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    return Running(part=part, process=process, log_start=log_start)


def launched(argv: Sequence[str], *, death_signal: int, account: str | None = None, reach: bool = False) -> list[str]:
    """`argv` behind `embedded.launch`, which ties it to this process."""
    orders = (str(os.getpid()), str(int(death_signal)), account or "-", "reach" if reach else "-")
    return [sys.executable, "-I", "-S", launch.__file__, *orders, "--", *argv]


def wait_ready(started: Sequence[Running], *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Returns once every part serves (a step: has ended well) or `stopping` says so; raises `PartFailed`."""
    begun = time.monotonic()
    waiting = list(started)
    while waiting and not stopping():
        waiting = [running for running in waiting if not is_ready(running)]
        for running in waiting:
            if time.monotonic() - begun > running.part.within_s:
                raise failure(running, f"it was not ready within {running.part.within_s:g} s.")
        if waiting:
            time.sleep(POLL_S)


def is_ready(running: Running) -> bool:
    status = running.exited()
    ready = running.part.ready
    if status is not None and (status != 0 or ready is not None):
        raise failure(running, f"it ended with status {status}.")
    if ready is None:
        return status == 0
    return answers(ready) if ready.url else re.search(ready.line or "", running.words(), re.MULTILINE) is not None


def answers(ready: Ready) -> bool:
    with suppress(httpx.TransportError):
        return httpx.get(str(ready.url), timeout=2, trust_env=False).status_code in ready.statuses
    return False


def failure(running: Running, why: str) -> PartFailed:
    lines = [line for line in running.words().splitlines() if line.strip()][-LAST_LINES:]
    last = "".join(f"\n  | {line[:300]}" for line in lines)
    return PartFailed(running.part.name, f"{why}{last}", Path(running.part.log))


def stop(started: Iterable[Running]) -> None:
    """Signals all, gives each its grace, kills what remains of it and of its descendants."""
    stopping = [(running, descendants(running)) for running in started]
    for running, _ in stopping:
        if running.exited() is None:
            running.process.send_signal(running.part.stop_signal)
    begun = time.monotonic()
    for running, children in stopping:
        try:
            running.process.wait(timeout=max(0.0, begun + running.part.grace_s - time.monotonic()))
        except subprocess.TimeoutExpired:
            children = [*children, *descendants(running)]
            running.process.kill()
            running.process.wait()
        for child in children:
            with suppress(psutil.NoSuchProcess):
                child.kill()
        sweep(running)


def descendants(running: Running) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(running.process.pid).children(recursive=True)
    return []


def sweep(running: Running) -> None:
    """Ends what a dead part left in its process group."""
    with suppress(ProcessLookupError):
        os.killpg(running.process.pid, 9)
