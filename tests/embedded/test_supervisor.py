"""`python -m workers.supervise`, the real program, over plans of little Python parts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from contracts.codec import from_json, to_json
from embedded import supervisor
from embedded.parts import Part, Plan, Ready
from embedded.place import ROOT
from embedded.supervisor import Report
from tests.embedded.processes_of import PATIENCE_S, alive, gone

SERVES = "import time, sys; print(sys.argv[1], 'serves', flush=True); time.sleep(60)"
NOTES_ITS_END = (
    "import os, signal, sys, time\n"
    "def end(*_):\n"
    "    open(os.path.join(sys.argv[1], 'ends'), 'a').write(sys.argv[2] + ' ')\n"
    "    sys.exit(0)\n"
    "signal.signal(signal.SIGTERM, end); print('serves', flush=True); time.sleep(60)"
)


def part(folder: Path, name: str, code: str = SERVES, *, ready: Ready | None = Ready(line="serves")) -> Part:  # noqa: B008
    argv = (sys.executable, "-c", code, str(folder), name)
    return Part(name=name, argv=argv, env={}, cwd="/", log=str(folder / f"{name}.log"), ready=ready, grace_s=5.0)


@contextmanager
def supervised(folder: Path, *stages: tuple[Part, ...]) -> Iterator[subprocess.Popen[bytes]]:
    (folder / "plan.json").write_bytes(to_json(Plan(lock=str(folder / "lock"), stages=stages)))
    command = [sys.executable, "-m", "workers.supervise", str(folder / "plan.json")]
    with (
        (folder / "supervisor.log").open("wb") as log,
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log) as process,
    ):
        yield process
        process.kill()


def reports(process: subprocess.Popen[bytes]) -> list[Report]:
    assert process.stdout is not None
    return [from_json(line, Report) for line in process.stdout]


def eventually(folder: Path, name: str, words: str, times: int) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if (folder / name).exists() and (folder / name).read_text().count(words) >= times:
            return True
        time.sleep(0.05)
    return False


def test_stages_begin_in_order_and_stop_in_reverse(tmp_path: Path) -> None:
    store, web = part(tmp_path, "store", NOTES_ITS_END), part(tmp_path, "web", NOTES_ITS_END)
    with supervised(tmp_path, (store,), (part(tmp_path, "step", "", ready=None),), (web,)) as process:
        assert [(said.kind, said.text) for said in reports(process)] == [
            ("said", "store"),
            ("said", "step"),
            ("said", "web"),
            ("ready", ""),
        ]
        process.terminate()
        assert process.wait() == 0
    assert (tmp_path / "ends").read_text() == "web store "
    assert gone(tmp_path)


def test_a_part_that_does_not_start_is_reported_and_everything_else_stops(tmp_path: Path) -> None:
    broken = part(tmp_path, "broken", "raise SystemExit('out of luck')")
    with supervised(tmp_path, (part(tmp_path, "store"),), (part(tmp_path, "web"), broken)) as process:
        last = reports(process)[-1]
        assert process.wait() == 1
    assert (last.kind, last.part, last.log) == ("failed", "broken", str(tmp_path / "broken.log"))
    assert "out of luck" in last.text
    assert gone(tmp_path)


def test_a_part_that_dies_is_started_again(tmp_path: Path) -> None:
    with supervised(tmp_path, (part(tmp_path, "store"), part(tmp_path, "web"))) as process:
        reports(process)
        victim = next(child for child in psutil.Process(process.pid).children() if child.cmdline()[-1] == "web")
        victim.kill()
        assert eventually(tmp_path, "web.log", "serves", 2)
        assert (tmp_path / "store.log").read_text().count("serves") == 1
        assert "web ended with status -9; again in 1 s." in (tmp_path / "supervisor.log").read_text()
        process.terminate()
        process.wait()
    assert gone(tmp_path)


def test_a_killed_supervisor_takes_its_parts_along_and_frees_its_lock(tmp_path: Path) -> None:
    with supervised(tmp_path, (part(tmp_path, "store"),)) as process:
        reports(process)
        assert supervisor.holder(tmp_path / "lock") == process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert supervisor.holder(tmp_path / "lock") is None
    assert gone(tmp_path)


def test_told_to_stop_while_a_part_is_starting_it_stops_at_once(tmp_path: Path) -> None:
    with supervised(tmp_path, (part(tmp_path, "slow", "import time; time.sleep(60)"),)) as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        assert process.wait(timeout=PATIENCE_S) == 0
    assert gone(tmp_path)


def test_one_installation_has_one_supervisor(tmp_path: Path) -> None:
    with supervised(tmp_path, (part(tmp_path, "store"),)) as process:
        reports(process)
        command = [sys.executable, "-m", "workers.supervise", str(tmp_path / "plan.json")]
        second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert second.returncode == 1
        assert "Another supervisor" in second.stderr
        assert len([line for line in alive(tmp_path) if line.endswith("store")]) == 1
        process.terminate()
        process.wait()


def test_the_pid_of_a_supervisor_long_gone_is_nobodys(tmp_path: Path) -> None:
    (tmp_path / "lock").write_text(str(os.getpid()))
    assert supervisor.holder(tmp_path / "lock") is None
    assert supervisor.holder(tmp_path / "never") is None
