"""One child process: started with nothing but what it needs, listened to, capped, ended with all its descendants.

Knows no job and no database. The caller's `watch` is asked several times a second whether the child shall go on; like
`hear` it must not wait for anything.
"""

import contextlib
import logging
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import psutil

from contracts.child import Message, parse

logger = logging.getLogger(__name__)

TETHER = Path(__file__).with_name("tether.py")
TICK_S = 0.2  # also between two measurements: summing a process tree's memory costs a millisecond or two
STOP_GRACE_S = 20.0  # for a checkpoint, between SIGTERM and SIGKILL
EXIT_GRACE_S = 10.0  # for leaving, after the pipe was closed
LAST_WORDS = 4_000  # bytes of stderr kept for staff
FILE_BYTES = 50 << 30  # the largest file a child may write
MOST_PROCESSES = 256  # of a child and its descendants, threads not counted
LONGEST_LINE = 1 << 20  # bytes; a child that sends more without a newline is broken
INHERITED = (
    *("PATH", "LANG", "TZ", "LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "OMP_NUM_THREADS"),
    *("HF_HOME", "HF_ENDPOINT", "HF_HUB_OFFLINE", "SSL_CERT_FILE"),
)


class Verdict(Enum):
    """What a `watch` may say."""

    GO_ON = "go on"
    STOP = "stop"  # checkpoint and end: the worker is told to stop
    KILL = "kill"  # at once: cancelled, or the lease is lost


@dataclass(frozen=True, kw_only=True)
class Caps:
    memory_mb: int
    time_s: float


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """`code` is the exit status, negative for a signal; `cap` names the cap that ended it, if one did."""

    code: int
    cap: str | None
    last_words: str


def run(
    argv: Sequence[str],
    *,
    home: Path,
    caps: Caps,
    hear: Callable[[Message], None],
    watch: Callable[[], Verdict],
) -> Outcome:
    """Runs `argv --events FD` in `home` to its end. `hear` gets every message, in order, in this thread."""
    reading, writing = os.pipe()
    errors = home / "stderr.log"
    command = [sys.executable, "-I", "-S", str(TETHER), str(os.getpid()), str(FILE_BYTES), "--", *argv]
    try:
        with errors.open("wb") as stderr:
            process = subprocess.Popen(  # noqa: S603  (the command is ours)
                [*command, "--events", str(writing)], cwd=home, env=environment(home), pass_fds=[writing],
                stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, start_new_session=True,
            )  # fmt: skip
        os.close(writing)
        try:
            cap = _attend(process, reading, caps, hear, watch)
        finally:
            end(process)
    finally:
        os.close(reading)
    return Outcome(code=process.returncode, cap=cap, last_words=_tail(errors))


def environment(home: Path) -> dict[str, str]:
    """No secret of the worker's reaches the child; its caches and temporary files lie in its own folder."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    own = {"HOME": str(home), "TMPDIR": str(home), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1"}
    return {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false", **kept, **own}


def end(process: "subprocess.Popen[bytes]") -> None:
    """The whole process group, and whatever left it for a session of its own."""
    strays = [] if process.poll() is not None else _descendants(process.pid)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    for stray in strays:
        with contextlib.suppress(psutil.NoSuchProcess):
            stray.kill()
    process.wait()


def _attend(
    process: "subprocess.Popen[bytes]",
    pipe: int,
    caps: Caps,
    hear: Callable[[Message], None],
    watch: Callable[[], Verdict],
) -> str | None:
    """Listens until the child has ended or something ends it. Returns the cap that did, if one did."""
    began, measured, stopping = time.monotonic(), 0.0, None
    lines = _Lines(hear)
    while True:
        if select.select([pipe], [], [], TICK_S)[0]:
            if not lines.feed(os.read(pipe, 65_536)):
                _wait_for_exit(process)
                return None
        elif process.poll() is not None:  # a descendant may hold the pipe open for ever
            return None
        now = time.monotonic()
        verdict = watch()
        if verdict is Verdict.KILL or (stopping is not None and now - stopping > STOP_GRACE_S):
            return None
        if verdict is Verdict.STOP and stopping is None:
            stopping = now
            process.terminate()
        if now - began > caps.time_s:
            return "time_limit"
        if now - measured > TICK_S:
            measured = now
            if cap := _measure(process.pid, caps):
                return cap


def _wait_for_exit(process: "subprocess.Popen[bytes]") -> None:
    """A child that closed its pipe has a moment to leave by itself."""
    try:
        process.wait(timeout=EXIT_GRACE_S)
    except subprocess.TimeoutExpired:
        logger.warning("child %s closed its pipe but did not end", process.pid)


def _measure(pid: int, caps: Caps) -> str | None:
    """The cap that the child and its descendants have crossed. Memory is resident, as the kernel counts it."""
    total, processes = 0, _descendants(pid, itself=True)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += process.memory_info().rss
    if total > caps.memory_mb << 20:
        return "memory_limit"
    return "process_limit" if len(processes) > MOST_PROCESSES else None


def _descendants(pid: int, *, itself: bool = False) -> list[psutil.Process]:
    try:
        parent = psutil.Process(pid)
        return [*([parent] if itself else []), *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


class _Lines:
    """Bytes of the pipe to messages; what is no message is logged and left out."""

    def __init__(self, hear: Callable[[Message], None]) -> None:
        self._hear = hear
        self._rest = b""

    def feed(self, piece: bytes) -> bool:
        """False at the end of the pipe."""
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            try:
                message = parse(line)
            except ValueError as error:
                logger.warning("a child sent a line that is no message: %s", error)
                continue
            self._hear(message)
        if len(self._rest) > LONGEST_LINE:
            raise ValueError("a child sent an endless line")
        return bool(piece)


def _tail(path: Path) -> str:
    with path.open("rb") as stream:
        stream.seek(max(0, path.stat().st_size - LAST_WORDS))
        return stream.read().decode("utf-8", "replace").replace("\x00", "")
