"""What the child says to the worker that started it: `contracts.child` messages, one JSON object a line."""

import time
from typing import BinaryIO

from contracts.child import Message, Progress
from contracts.codec import to_json

PROGRESS_EVERY_S = 0.3  # "at most a few a second"


class Voice:
    """`size`: bytes of the file being read, unpacked; the whole of the progress."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self.stream = stream
        self.size = size
        self.spoke_at = float("-inf")

    def say(self, message: Message) -> None:
        self.stream.write(to_json(message) + b"\n")
        self.stream.flush()

    def bytes_read(self, position: int) -> None:
        """Progress of phase "reading", in bytes; the last one is always told."""
        now = time.monotonic()
        if position < self.size and now - self.spoke_at < PROGRESS_EVERY_S:
            return
        self.spoke_at = now
        self.say(Progress(phase="reading", step=min(position, self.size), steps=self.size))
