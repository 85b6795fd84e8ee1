"""Runs `program.py` as a child and keeps what it said. Needs no Django, so that a bare process can do it too."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from contracts.child import Event, Message
from jobs import child
from jobs.child import Caps, Outcome, Verdict

PROGRAM = str(Path(__file__).with_name("program.py"))
ROOMY = Caps(memory_mb=2_000, time_s=60)


class Heard:
    """Runs the program and keeps what it said."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.messages: list[Message] = []

    def run(self, *, caps: Caps = ROOMY, watch: Callable[[], Verdict] = lambda: Verdict.GO_ON, **spec: Any) -> Outcome:
        for name in ("input", "work", "output"):
            (self.home / name).mkdir(exist_ok=True)
        (self.home / "spec.json").write_text(json.dumps(spec))
        command = [sys.executable, "-I", "-S", PROGRAM, "--spec", str(self.home / "spec.json")]
        for name in ("input", "work", "output"):
            command += [f"--{name}", str(self.home / name)]
        return child.run(command, home=self.home, caps=caps, hear=self.messages.append, watch=watch)

    def pid(self, message: str = "begun") -> int:
        return next(int(m.data["pid"] or 0) for m in self.messages if isinstance(m, Event) and m.message == message)

    def has(self, message: str) -> bool:
        return any(isinstance(m, Event) and m.message == message for m in self.messages)


if __name__ == "__main__":
    Heard(Path(sys.argv[1])).run(steps=1_000, pause=0.1)
