"""The child process alone: what it is given, how it is heard, capped and ended."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from contracts.child import Done, ProblemMessage
from jobs import child
from jobs.child import Caps, Outcome, Verdict
from tests.jobs.hearing import Heard


@pytest.fixture
def heard(tmp_path: Path) -> Heard:
    return Heard(tmp_path)


def gone(pid: int) -> bool:
    try:
        psutil.Process(pid).wait(timeout=5)
    except psutil.NoSuchProcess:
        return True
    except psutil.TimeoutExpired:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    return True


def test_messages_arrive_in_order_and_the_last_is_done(heard: Heard) -> None:
    outcome = heard.run(steps=5)
    assert outcome == Outcome(code=0, cap=None, last_words="")
    assert [type(m).__name__ for m in heard.messages] == ["Event", *["Progress", "Metrics"] * 5, "Done"]


def test_no_secret_of_the_worker_reaches_it(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_SYSTEM_URL", "S3_SECRET_ACCESS_KEY", "LANDFALL_SECRET_KEY", "REDIS_URL"):
        monkeypatch.setenv(name, "a secret")
    heard.run(steps=1)
    done = heard.messages[-1]
    assert isinstance(done, Done)
    names = set(str(done.summary["environment"]).split())
    assert {"PATH", "HOME", "HF_HUB_OFFLINE"} <= names
    assert not {name for name in names if name.startswith(("DATABASE", "S3", "LANDFALL", "REDIS", "AWS"))}


def test_lines_that_are_no_messages_are_left_out(heard: Heard) -> None:
    assert heard.run(steps=1, noise=True).code == 0
    assert isinstance(heard.messages[-1], Done)


def test_a_problem_keeps_its_words_and_its_code(heard: Heard) -> None:
    assert heard.run(problem="empty_text").code == 65
    assert isinstance(heard.messages[-1], ProblemMessage)


def test_a_crash_leaves_its_last_words_for_staff(heard: Heard) -> None:
    outcome = heard.run(crash_at=1)
    assert outcome.code == -9
    assert outcome.last_words == "a stack trace for staff\n"


def test_memory_over_the_cap_ends_it_by_name(heard: Heard) -> None:
    outcome = heard.run(caps=Caps(memory_mb=100, time_s=60), memory_mb=300)
    assert outcome.cap == "memory_limit"
    assert gone(heard.pid())


def test_time_over_the_cap_ends_it_by_name(heard: Heard) -> None:
    outcome = heard.run(caps=Caps(memory_mb=2_000, time_s=0.5), steps=1_000, pause=0.1, deaf=True)
    assert outcome.cap == "time_limit"
    assert gone(heard.pid())


def test_a_fork_bomb_ends_by_name(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "MOST_PROCESSES", 1)
    outcome = heard.run(grandchild=True, steps=1_000, pause=0.1)
    assert outcome.cap == "process_limit"
    assert gone(heard.pid())


def test_told_to_stop_it_writes_a_checkpoint_and_ends(heard: Heard) -> None:
    outcome = heard.run(steps=1_000, pause=0.05, watch=lambda: Verdict.STOP if heard.has("begun") else Verdict.GO_ON)
    assert outcome.code == 75
    assert list((heard.home / "work" / "checkpoints").iterdir())


def test_deaf_to_the_stop_it_is_killed_after_a_grace(heard: Heard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STOP_GRACE_S", 0.3)
    outcome = heard.run(
        steps=1_000, pause=0.05, deaf=True, watch=lambda: Verdict.STOP if heard.has("begun") else Verdict.GO_ON
    )
    assert outcome.code == -9


def test_killed_it_takes_its_descendants_along(heard: Heard) -> None:
    watch = lambda: Verdict.KILL if heard.has("helper") else Verdict.GO_ON  # noqa: E731
    heard.run(steps=1_000, pause=0.05, grandchild=True, watch=watch)
    assert gone(heard.pid())
    assert gone(heard.pid("helper"))


def test_a_descendant_that_holds_the_pipe_open_delays_nothing(heard: Heard) -> None:
    assert heard.run(steps=1, grandchild=True).code == 0
    assert isinstance(heard.messages[-1], Done)
    assert gone(heard.pid("helper"))


def test_it_does_not_survive_the_worker(tmp_path: Path) -> None:
    """kill -9 of the process that called `run` reaches the child through the kernel."""
    with subprocess.Popen([sys.executable, "-m", "tests.jobs.hearing", str(tmp_path)]) as worker:
        started = tmp_path / "work" / "pid"
        wait_for(lambda: started.exists() and started.read_text() != "")
        pid = int(started.read_text())
        assert psutil.pid_exists(pid)
        worker.kill()
    assert gone(pid)


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.05)
