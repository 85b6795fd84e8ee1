"""`python -m training.engine --spec F --input DIR --work DIR --output DIR [--events FD]`: the fine-tuning child.

Where the spec names a `trial`, it is only tried how good such a model is on validation.
Spec: `contracts.fine_tune.FineTuneSpec` as JSON. Messages and exit codes: `contracts.child`. SIGTERM: the running step
is finished, a checkpoint written, and the exit code is `INTERRUPTED`.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, TypeVar

from contracts.child import DONE, INTERRUPTED, PROBLEM, ProblemMessage
from contracts.codec import from_json
from contracts.fine_tune import FineTuneSpec
from contracts.problems import Problem
from training.engine.voice import Voice

if TYPE_CHECKING:  # torch: a second and a half that a spec without sense need not wait
    from training.engine.run import Folders

T = TypeVar("T")


class Stop:
    """Remembers that SIGTERM came; the training looks after every step."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:
        self.asked = True

    def __call__(self) -> bool:
        return self.asked


def main(argv: Sequence[str] | None = None) -> int:
    return serve(argv, __doc__ or "", FineTuneSpec, _fine_tuned)


Work = Callable[[T, "Folders", Voice, Stop], None]


def serve(argv: Sequence[str] | None, about: str, kind: type[T], work: Work[T]) -> int:
    """What every child of this room does: reads its spec, of the `kind`, and says on the pipe how its work ends."""
    arguments = _arguments(argv, about.splitlines()[0])
    stop = Stop()
    spec = from_json(arguments.spec.read_bytes(), kind)
    if arguments.events is None and sys.stdout.isatty():
        return _worked(spec, arguments, Voice(None), stop, work)
    with os.fdopen(1 if arguments.events is None else arguments.events, "wb", closefd=False) as stream:
        return _worked(spec, arguments, Voice(stream), stop, work)


def _worked(spec: T, arguments: argparse.Namespace, voice: Voice, stop: Stop, work: Work[T]) -> int:
    _quiet()
    from training.engine.loop import Interrupted
    from training.engine.run import Folders

    try:
        work(spec, Folders(input=arguments.input, work=arguments.work, output=arguments.output), voice, stop)
    except Problem as problem:
        voice.say(ProblemMessage(code=problem.code, message=problem.message, faults=problem.faults))
        return PROBLEM
    except Interrupted:
        return INTERRUPTED
    return DONE


def _fine_tuned(spec: FineTuneSpec, folders: "Folders", voice: Voice, stop: Stop) -> None:
    if spec.trial is None:
        from training.engine.run import fine_tune

        fine_tune(spec, folders, voice, stop)
    else:
        from training.engine.search.trial import try_out  # Optuna: a second that a fine-tuning need not wait

        try_out(spec, spec.trial, folders, voice, stop)


def _quiet() -> None:
    """Third-party libraries keep their progress bars and load reports off our streams, and ask no public service to
    convert the weights of a base that has none in safetensors."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped


def _arguments(argv: Sequence[str] | None, about: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--spec", type=Path, required=True)
    for folder in ("--input", "--work", "--output"):
        parser.add_argument(folder, type=Path, required=True)
    parser.add_argument("--events", type=int, default=None, metavar="FD")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
