"""Free loopback ports, written down so that a restart keeps its addresses.

Chosen below the range from which Linux takes ports for outgoing connections: a recorded one is not lost to those.
"""

import json
import random
import socket
from collections.abc import Mapping
from pathlib import Path

LOW, HIGH = 20_000, 32_000
ATTEMPTS = 200


def read(record: Path) -> dict[str, int]:
    known: dict[str, int] = json.loads(record.read_text()) if record.exists() else {}
    return known


def keep(record: Path, names: tuple[str, ...], *, wanted: Mapping[str, int | None] | None = None) -> dict[str, int]:
    """The port of each name: the `wanted` one (free or not), else the recorded one while it is free, else a new one."""
    fixed = {name: port for name, port in (wanted or {}).items() if port is not None}
    known = {**read(record), **fixed}
    for name in names:
        others = {port for other, port in known.items() if other != name}
        while name not in fixed and (name not in known or known[name] in others or not free(known[name])):
            known[name] = choose()
    record.write_text(json.dumps(known, indent=1))
    return {name: known[name] for name in names}


def choose() -> int:
    """Raises `OSError` where every port tried is taken."""
    for _ in range(ATTEMPTS):
        port = random.randrange(LOW, HIGH)
        if free(port):
            return port
    raise OSError(f"no free port found between {LOW} and {HIGH}")


def free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port in TIME_WAIT counts as free
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
