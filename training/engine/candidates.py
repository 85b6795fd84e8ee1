"""Models on the way: the best of validation so far, as customers load it, while the training goes on.

Writing one takes time, so that at most `SHARE` of the training's goes into it; where a training ends before its time,
the best is always written. Only the newest lies here: the worker copies each away.
"""

import shutil
import time
from pathlib import Path

from contracts.child import Candidate
from contracts.fine_tune import FineTuneSpec
from contracts.manifest import seal
from training.engine import seed
from training.engine.checkpoint import Standing
from training.engine.tasks.kind import Work
from training.engine.voice import Voice

FOLDER = "candidates"
SHARE = 0.1
FIRST_S = 1.0  # what the first is taken to cost, in seconds


class Candidates:
    """Of one process: it knows nothing of those written before it went on."""

    def __init__(self, spec: FineTuneSpec, training: Work, work: Path, voice: Voice) -> None:
        self._spec, self._training, self._work, self._voice = spec, training, work, voice
        self._since, self._cost = time.monotonic(), FIRST_S
        self._step = 0

    def offer(self, standing: Standing, *, last: bool) -> None:
        """The module holds the best of validation so far. `last`: no better one follows."""
        best = standing.history[standing.best_epoch - 1]
        step, began = int(best["step"]), time.monotonic()
        if step == self._step or (not last and SHARE * (began - self._since) < self._cost):
            return
        chance = seed.capture()  # exporters draw from it, too
        values = {name: value for name, value in best.items() if name not in ("epoch", "step")}
        folder = self._write(step, values)
        seed.restore(chance)
        self._voice.say(Candidate(step=step, path=folder.relative_to(self._work).as_posix(), values=values))
        self._step, self._since = step, time.monotonic()
        self._cost = self._since - began

    def _write(self, step: int, values: dict[str, float]) -> Path:
        folder = self._work / FOLDER / f"step-{step}"
        shutil.rmtree(folder.parent, ignore_errors=True)
        self._training.publish(folder)
        seal(
            folder, kind="model",
            about={"base": self._spec.base.name, "task": self._spec.task.kind, "step": step, **values},
        )  # fmt: skip
        return folder
