"""A child for tests: counts steps, speaks the protocol, and fails in whatever way its spec asks for.

Resumes from `input/checkpoint/step`. Its output tells the steps this process did itself. Imports nothing of the house,
so that it starts in milliseconds.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import Any

stopped = False


def stop(number: int, frame: FrameType | None) -> None:
    global stopped
    stopped = True


def main() -> int:
    parser = argparse.ArgumentParser()
    for name in ("--spec", "--input", "--work", "--output"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--events", type=int)
    given = parser.parse_args()
    spec: dict[str, Any] = json.loads(given.spec.read_text())

    def say(**message: Any) -> None:
        os.write(given.events, json.dumps(message).encode() + b"\n")

    signal.signal(signal.SIGTERM, signal.SIG_IGN if spec.get("deaf") else stop)
    kept = given.input / "checkpoint" / "step"
    begun = int(kept.read_text()) if kept.exists() else 0
    (given.work / "pid").write_text(str(os.getpid()))
    say(type="event", message="begun", data={"pid": os.getpid(), "attempt": spec.get("attempt"), "from": begun})
    if spec.get("problem"):
        faults = [{"code": spec["problem"], "message": "Row 3 is empty.", "param": "row 3"}]
        say(type="problem", code=spec["problem"], message="Row 3 is empty.", faults=faults)
        return 65
    if spec.get("noise"):
        os.write(given.events, b"no message at all\n\xff\n{}\n")
    if spec.get("grandchild"):
        helper = subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(60)"], pass_fds=[given.events])
        say(type="event", message="helper", data={"pid": helper.pid})
    if spec.get("memory_mb"):
        hoard = bytearray(spec["memory_mb"] << 20)
        hoard[::4096] = b"x" * len(hoard[::4096])
        time.sleep(60)
    for step in range(begun + 1, spec.get("steps", 3) + 1):
        time.sleep(spec.get("pause", 0.0))
        say(type="progress", phase="training", step=step, steps=spec.get("steps", 3), loss=float(spec.get("loss", 1)))
        say(type="metrics", step=step, values={"train_loss": float(spec.get("loss", 1))})
        if spec.get("crash_at") == step and spec.get("attempt", 1) <= spec.get("crashes", 99):
            print("a stack trace for staff", file=sys.stderr, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        if stopped or step % spec.get("checkpoint_every", 1_000) == 0:
            folder = given.work / "checkpoints" / f"step-{step}"
            folder.mkdir(parents=True)
            (folder / "step").write_text(str(step))
            say(type="checkpoint", step=step, path=f"checkpoints/step-{step}")
        if stopped:
            return 75
    if spec.get("silent"):
        return 0
    (given.output / "result.json").write_text(json.dumps({"from": begun, "attempt": spec.get("attempt")}))
    (given.output / "manifest.json").write_text("{}")
    say(type="done", summary={"from": begun, "environment": " ".join(sorted(os.environ))})
    return 0


if __name__ == "__main__":
    sys.exit(main())
