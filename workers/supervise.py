"""`python -m workers.supervise PLAN.json`: keeps the one-machine stack alive. Started by `manage.py up`.

Speaks to its starter on standard output until everything is ready, then closes it; standard error is its log.
"""

import os
import sys
from pathlib import Path

from contracts.codec import from_json, to_json
from embedded import launch, supervisor
from embedded.parts import Plan


def main(path: str) -> int:
    plan = from_json(Path(path).read_bytes(), Plan)
    lock = supervisor.take(Path(plan.lock))
    if lock is None:
        sys.stderr.write("Another supervisor keeps this installation.\n")
        return 1
    with lock:
        return supervisor.supervise(plan, report)


def report(said: supervisor.Report) -> None:
    """Until all is ready the starter's end is ours too; then we stay."""
    if said.kind == "ready":
        launch.outlive_parent()
    os.write(1, to_json(said) + b"\n")
    if said.kind == "ready":
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
