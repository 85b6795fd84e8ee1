"""`python -m training.ingest --spec F --input DIR --work DIR --output DIR [--events FD]`: the ingestion child.

Spec: `contracts.ingestion.IngestionSpec` as JSON. Messages and exit codes: `contracts.child`. SIGTERM ends it with
`INTERRUPTED`: there is no checkpoint, the output folder is untouched, and a new start begins at the first byte.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

from contracts.child import DONE, INTERRUPTED, PROBLEM, Done, ProblemMessage
from contracts.codec import from_json
from contracts.ingestion import IngestionSpec
from contracts.problems import Problem
from training.ingest.pipeline import derive, ingest
from training.ingest.reading import reader
from training.ingest.store import write
from training.ingest.version import Version
from training.ingest.voice import Voice


def main(argv: Sequence[str] | None = None) -> int:
    arguments = arguments_of(argv, __doc__.splitlines()[0])
    spec = from_json(arguments.spec.read_bytes(), IngestionSpec)
    source = arguments.input / spec.source
    began = time.monotonic()
    folders = TemporaryDirectory(dir=arguments.work, prefix="ingest-")
    with os.fdopen(arguments.events, "wb", closefd=False) as stream, folders as folder:
        voice = Voice(stream, size=source.stat().st_size)
        try:
            by = reader(arguments.input / spec.base_model, spec.base_model) if spec.base_model else None
            version = (derive if spec.parent else ingest)(spec, source, Path(folder), voice, by)
        except Problem as problem:
            voice.say(ProblemMessage(code=problem.code, message=problem.message, faults=problem.faults))
            return PROBLEM
        write(version, spec, arguments.output)
        voice.say(Done(summary=_summary(version, time.monotonic() - began)))
    return DONE


def arguments_of(argv: Sequence[str] | None, about: str) -> argparse.Namespace:
    """What every child of this room is started with."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--spec", type=Path, required=True)
    for folder in ("--input", "--work", "--output"):
        parser.add_argument(folder, type=Path, required=True)
    parser.add_argument("--events", type=int, default=1, metavar="FD")
    return parser.parse_args(argv)


def _summary(version: Version, seconds: float) -> dict[str, str | int | float | bool | None]:
    report = version.report
    return {
        "rows": report.rows["total"],
        "labels": len(report.labels),
        "findings": len(report.findings),
        "sha256": report.sha256,
        "seconds": round(seconds, 3),
    }


def interrupted(number: int, frame: FrameType | None) -> None:
    sys.exit(INTERRUPTED)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, interrupted)
    sys.exit(main())
