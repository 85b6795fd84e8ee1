"""`python -m training.engine --spec F --input DIR --work DIR --output DIR [--events FD]`: the fine-tuning child.

Where the spec names a `trial`, it is only tried how good such a model is on validation.
Spec: `contracts.fine_tune.FineTuneSpec` as JSON. Messages and exit codes: `contracts.child`. SIGTERM: the running step
is finished, a checkpoint written, and the exit code is `INTERRUPTED`.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from contracts.child import DONE, INTERRUPTED, PROBLEM, ProblemMessage
from contracts.codec import from_json
from contracts.fine_tune import FineTuneSpec
from contracts.problems import Problem
from training.engine.voice import Voice


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
    arguments = _arguments(argv)
    stop = Stop()
    spec = from_json(arguments.spec.read_bytes(), FineTuneSpec)
    if arguments.events is None and sys.stdout.isatty():
        return _work(spec, arguments, Voice(None), stop)
    with os.fdopen(1 if arguments.events is None else arguments.events, "wb", closefd=False) as stream:
        return _work(spec, arguments, Voice(stream), stop)


def _work(spec: FineTuneSpec, arguments: argparse.Namespace, voice: Voice, stop: Stop) -> int:
    _quiet()
    from training.engine.loop import Interrupted
    from training.engine.run import Folders, fine_tune

    folders = Folders(input=arguments.input, work=arguments.work, output=arguments.output)
    try:
        if spec.trial is None:
            fine_tune(spec, folders, voice, stop)
        else:
            from training.engine.search.trial import try_out  # Optuna: a second that a fine-tuning need not wait

            try_out(spec, spec.trial, folders, voice, stop)
    except Problem as problem:
        voice.say(ProblemMessage(code=problem.code, message=problem.message, faults=problem.faults))
        return PROBLEM
    except Interrupted:
        return INTERRUPTED
    return DONE


def _quiet() -> None:
    """Third-party libraries keep their progress bars and load reports off our streams, and ask no public service to
    convert the weights of a base that has none in safetensors."""
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # type: ignore[no-untyped-call]  # transformers leaves it untyped


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m training.engine", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--spec", type=Path, required=True)
    for folder in ("--input", "--work", "--output"):
        parser.add_argument(folder, type=Path, required=True)
    parser.add_argument("--events", type=int, default=None, metavar="FD")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
