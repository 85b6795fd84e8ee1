"""Which processes on this machine belong to a folder: the way to see that nothing was left behind."""

import time
from pathlib import Path

import psutil

PATIENCE_S = 20.0


def alive(folder: Path) -> list[str]:
    """Command lines of the processes that name `folder` or work in it; Redis and PostgreSQL rename themselves."""
    found = (process.info for process in psutil.process_iter(["cmdline", "cwd"]))
    return [
        " ".join(info["cmdline"])
        for info in found
        if info["cmdline"] and any(str(folder) in word for word in (*info["cmdline"], info["cwd"] or ""))
    ]


def gone(folder: Path) -> bool:
    """Whether the last of them ends within our patience."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if not alive(folder):
            return True
        time.sleep(0.05)
    return False
