"""The one-machine stack as its user sees it: up, down. Both may be said twice."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from contracts.codec import from_json, to_json
from embedded import addresses, place, plan, ports, private, stores, supervisor
from embedded.addresses import Addresses
from embedded.parts import PartFailed, Plan
from embedded.processes import launched

Say = Callable[[str], None]
STOP_LIMIT_S = 90.0  # stages stop one after the other, each within its parts' grace


def up(state: Path, say: Say) -> Addresses:
    """Starts what is not running and returns once all of it serves; raises `PartFailed` with nothing left running."""
    with disk_faults_named(state):
        state.mkdir(parents=True, exist_ok=True)
    with turn(state):
        if supervisor.holder(lock(state)) is None:
            begin(prepare(state, os.environ), state, say)
        else:
            say("Landfall is already running.")
        found = addresses.read(state)
        addresses.write(state, found)
    return found


def down(state: Path, say: Say) -> None:
    """Returns once nothing of the stack runs any more. The data stays in `state`."""
    if not state.exists():
        say("Landfall is not running.")
        return
    with turn(state):
        pid = supervisor.holder(lock(state))
        if pid is None:
            say("Landfall is not running.")
            return
        say("Stopping Landfall ...")
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(timeout=STOP_LIMIT_S)
        except psutil.TimeoutExpired:
            process.kill()  # its parts die with it
            process.wait()
        say("Landfall has stopped.")


def lock(state: Path) -> Path:
    return state / "supervisor.pid"


@contextmanager
def turn(state: Path) -> Iterator[None]:
    """One `up` or `down` at a time; a second one waits."""
    with (state / "turn.lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def prepare(state: Path, given: Mapping[str, str]) -> Plan:
    wished = given.get("LANDFALL_PORT")
    if wished and not (wished.isdigit() and 0 < int(wished) < 65_536):
        raise PartFailed("web", "LANDFALL_PORT must be a port number.", Path(os.devnull))
    names = (*place.STORES, *plan.LISTENING)
    with disk_faults_named(state):
        home = place.occupy(state, names, wanted={"web": int(wished) if wished else None})
        if wished and not ports.free(int(wished)):
            why = f"port {wished} is taken by another program; choose another one with LANDFALL_PORT."
            raise PartFailed("web", why, home.log("web"))
        return plan.make(home, stores.settle(home, given), given)


@contextmanager
def disk_faults_named(state: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = f"its folder {state} cannot be prepared. {error.strerror}: {error.filename}"
        raise PartFailed("Landfall", why, place.logs(state)) from error


def begin(made: Plan, state: Path, say: Say) -> None:
    """Starts the supervisor and listens until it says that everything is ready."""
    file = state / "plan.json"
    private.write(file, to_json(made).decode())
    log = place.logs(state) / "supervisor.log"
    with log.open("ab") as errors:
        process = subprocess.Popen(
            launched([sys.executable, "-m", "workers.supervise", str(file)], death_signal=signal.SIGTERM),
            cwd=place.ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            start_new_session=True,
        )
    try:
        listen(process, log, say)
    except BaseException:
        process.terminate()
        process.wait()
        raise
    process.returncode = 0  # it lives on by itself: nobody here waits for it


def listen(process: subprocess.Popen[bytes], log: Path, say: Say) -> None:
    with process.stdout or os.fdopen(os.open(os.devnull, os.O_RDONLY), "rb") as reports:
        for line in reports:
            report = from_json(line, supervisor.Report)
            if report.kind == "ready":
                return
            if report.kind == "failed":
                raise PartFailed(report.part, report.text, Path(report.log))
            say(f"Starting {report.text} ...")
    raise PartFailed("supervisor", f"it ended with status {process.wait()}.", log)
