"""Prints the last lines of the parts' logs and, if asked, what they say from then on."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

LOOK_S = 0.5
TAIL_BYTES = 1 << 16  # of each log that are looked at for its last lines


def show(logs: Sequence[Path], *, lines: int, follow: bool, say: Callable[[str], None]) -> None:
    """Prefixes each line with its part where there are several. `follow` goes on until interrupted."""
    positions = {path: path.stat().st_size for path in logs}
    for path, end in positions.items():
        for line in tail(path, end, lines):
            say(prefixed(path, line, among=len(logs)))
    while follow:
        time.sleep(LOOK_S)
        for path, start in positions.items():
            said, positions[path] = since(path, start)
            for line in said:
                say(prefixed(path, line, among=len(logs)))


def tail(path: Path, end: int, lines: int) -> list[str]:
    start = max(0, end - TAIL_BYTES)
    with path.open("rb") as stream:
        stream.seek(start)
        return stream.read(end - start).decode(errors="replace").splitlines()[-lines:]


def since(path: Path, start: int) -> tuple[list[str], int]:
    """Whole lines after `start`, and where they end; a log that was put aside is read from its beginning."""
    if path.stat().st_size < start:
        start = 0
    with path.open("rb") as stream:
        stream.seek(start)
        said = stream.read()
    whole = said[: said.rfind(b"\n") + 1]
    return whole.decode(errors="replace").splitlines(), start + len(whole)


def prefixed(path: Path, line: str, *, among: int) -> str:
    return line if among == 1 else f"{path.stem:>10} | {line}"
