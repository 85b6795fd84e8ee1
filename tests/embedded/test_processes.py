"""Starting, waiting for and stopping one part, whatever it does."""

import os
import signal
import sys
from pathlib import Path

import psutil
import pytest

from embedded import processes
from embedded.parts import Part, PartFailed, Ready

SLEEPS = "import time; print('serving', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);" + SLEEPS
WITH_CHILD = (
    "import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'],"
    " start_new_session=True); print('child', child.pid, flush=True);" + SLEEPS
)


def part(
    tmp_path: Path, code: str, *, ready: Ready | None = None, within_s: float = 20.0, grace_s: float = 5.0
) -> Part:
    return Part(
        name="example",
        argv=(sys.executable, "-c", code),
        env={"GREETING": "hello"},
        cwd=str(tmp_path),
        log=str(tmp_path / "example.log"),
        ready=ready or Ready(line="^serving$"),
        within_s=within_s,
        grace_s=grace_s,
    )


def step(tmp_path: Path, code: str) -> Part:
    return Part(name="step", argv=(sys.executable, "-c", code), env={}, cwd="/", log=str(tmp_path / "step.log"))


def failed(tried: Part) -> PartFailed:
    running = processes.start(tried)
    with pytest.raises(PartFailed) as caught:
        processes.wait_ready([running])
    processes.stop([running])
    return caught.value


def test_a_part_gets_the_environment_it_was_given_and_no_other(tmp_path: Path) -> None:
    running = processes.start(part(tmp_path, f"import os; print(sorted(os.environ), flush=True);{SLEEPS}"))
    processes.wait_ready([running])
    processes.stop([running])
    assert "'GREETING'" in running.words()
    assert "'PATH'" not in running.words()


def test_a_part_that_ends_is_named_with_its_last_words_and_its_log(tmp_path: Path) -> None:
    failure = failed(part(tmp_path, "raise SystemExit('no such database')"))
    assert failure.part == "example"
    assert "ended with status 1" in failure.why
    assert "no such database" in str(failure)
    assert str(tmp_path / "example.log") in str(failure)


def test_words_of_an_earlier_start_count_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "example.log").write_text("serving\n")
    assert "serving" not in failed(part(tmp_path, "raise SystemExit(3)")).why


def test_a_part_that_stays_silent_fails_once_its_time_is_over(tmp_path: Path) -> None:
    failure = failed(part(tmp_path, "import time; time.sleep(60)", within_s=0.3, grace_s=5.0))
    assert "not ready within 0.3 s" in failure.why


def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    missing = Part(name="gone", argv=("/nowhere/program",), env={}, cwd="/", log=str(tmp_path / "gone.log"))
    assert "/nowhere/program cannot be run" in failed(missing).why


def test_a_step_must_end_well(tmp_path: Path) -> None:
    done = processes.start(step(tmp_path, "print('done')"))
    processes.wait_ready([done])
    assert done.exited() == 0
    assert "status 4" in failed(step(tmp_path, "raise SystemExit(4)")).why


def test_a_part_that_ignores_the_signal_is_killed_after_its_grace(tmp_path: Path) -> None:
    running = processes.start(part(tmp_path, STUBBORN, grace_s=0.3))
    processes.wait_ready([running])
    processes.stop([running])
    assert running.exited() == -signal.SIGKILL


def test_stopping_a_part_ends_what_it_started_too(tmp_path: Path) -> None:
    running = processes.start(part(tmp_path, WITH_CHILD))
    processes.wait_ready([running])
    child = psutil.Process(int(running.words().split()[1]))
    processes.stop([running])
    child.wait(timeout=10)
    assert not child.is_running()


def test_waiting_ends_early_when_told_to_stop(tmp_path: Path) -> None:
    running = processes.start(part(tmp_path, "import time; time.sleep(60)"))
    processes.wait_ready([running], stopping=lambda: True)
    assert running.exited() is None
    processes.stop([running])


def test_an_overlong_log_is_put_aside_before_the_part_starts(tmp_path: Path) -> None:
    log = tmp_path / "step.log"
    with log.open("wb") as stream:
        os.truncate(stream.fileno(), processes.LOG_LIMIT + 1)
    running = processes.start(step(tmp_path, "print('new')"))
    processes.wait_ready([running])
    assert log.read_text() == "new\n"
    assert (tmp_path / "step.log.1").stat().st_size == processes.LOG_LIMIT + 1
