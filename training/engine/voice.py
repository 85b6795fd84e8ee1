"""What the engine says while it works: `contracts.child` messages, one JSON object a line; or lines for a terminal."""

import sys
import time
from typing import BinaryIO

from contracts.child import Candidate, Checkpoint, Done, Event, Message, Metrics, ProblemMessage, Progress
from contracts.codec import to_json

EVERY_S = 0.4  # seconds between two messages of progress: "at most a few a second"


class Voice:
    """`stream` None: readable lines on standard output."""

    def __init__(self, stream: BinaryIO | None) -> None:
        self._stream = stream
        self._phase = ""
        self._spoke_at = float("-inf")

    def say(self, message: Message) -> None:
        line = to_json(message) if self._stream else _readable(message).encode()
        stream = self._stream or sys.stdout.buffer
        stream.write(line + b"\n")
        stream.flush()

    def event(self, message: str, *, level: str = "info", **data: str | float | bool | None) -> None:
        self.say(Event(message=message, level=level, data=data))

    def progress(self, progress: Progress) -> bool:
        """Says it where it is due: a new phase, its last step, or `EVERY_S` after the last. Returns whether it did."""
        now = time.monotonic()
        last = progress.step == progress.steps
        if progress.phase == self._phase and not last and now - self._spoke_at < EVERY_S:
            return False
        self._phase, self._spoke_at = progress.phase, now
        self.say(progress)
        return True


def _readable(message: Message) -> str:
    match message:
        case Event():
            return f"[{message.level}] {message.message}"
        case Progress():
            eta = "" if message.eta_s is None else f", {message.eta_s:.0f} s left"
            loss = "" if message.loss is None else f", loss {message.loss:.3f}"
            return f"{message.phase} {message.step}/{message.steps}{loss}{eta}"
        case Metrics():
            return "  ".join(f"{name} {value:.4g}" for name, value in message.values.items())
        case Checkpoint():
            return f"checkpoint {message.path}"
        case Candidate():
            return f"the best so far, at step {message.step}: {message.path}"
        case ProblemMessage():
            return "\n".join(fault.message for fault in message.faults)
        case Done():
            return "\n".join(f"{name}: {value}" for name, value in message.summary.items())
