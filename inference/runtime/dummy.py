"""A real backend without weights: protocol tests and benchmarks of everything around the device. Knows no torch.

Chosen by `"backend": "dummy"` in the manifest's `about`; `max_tokens` and `core_s` (seconds each batch takes) may stand
beside it. Words are tokens; logits depend on text and label alone.
"""

import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contracts.codec import from_json
from contracts.manifest import Manifest
from contracts.prediction import Outcome, Parameters
from contracts.task import TaskSpec
from inference.runtime.ask import Input
from inference.runtime.kinds.scores import ranked
from inference.runtime.model import Encoded, Output


@dataclass(frozen=True, slots=True)
class Words:
    text: str
    tokens: int


class Dummy:
    bytes = 1_000

    def __init__(self, task: TaskSpec, *, max_tokens: int, core_s: float) -> None:
        self._task, self._core_s = task, core_s
        self.max_tokens = max_tokens

    def pre(self, inputs: Sequence[Input]) -> list[Words]:
        return [Words(str(text), len(str(text).split())) for text in inputs]

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        time.sleep(self._core_s)
        return [self._logits(item.text) for item in batch if isinstance(item, Words)]

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        return ranked(outputs, self._task, parameters)

    def _logits(self, text: str) -> Output:
        return np.array(
            [zlib.crc32(f"{label}\0{text}".encode()) / 2**30 for label in self._task.labels], dtype=np.float32
        )


def load(folder: Path, manifest: Manifest) -> Dummy:
    task = from_json((folder / "task.json").read_bytes(), TaskSpec)
    max_tokens, core_s = manifest.about.get("max_tokens") or 512, manifest.about.get("core_s") or 0.0
    return Dummy(task, max_tokens=int(max_tokens), core_s=float(core_s))
