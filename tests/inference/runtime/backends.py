"""Real, tiny models for what the dummy cannot show: a device that waits for a signal, and one that refuses a text."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from contracts.prediction import Outcome, Parameters
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from inference.runtime.ask import Input
from inference.runtime.kinds.scores import ranked
from inference.runtime.model import Encoded, Output

LENGTHS = TaskSpec(kind=TEXT_CLASSIFICATION, labels=("long", "short"))


@dataclass(frozen=True)
class Letters:
    text: str

    @property
    def tokens(self) -> int:
        return len(self.text)


@dataclass(eq=False)
class Gated:
    """Its logits are (length, 0) of each text. Batches wait until `gate` opens; 'poison' makes a batch raise."""

    bytes: int = 100
    max_tokens: int = 1_000
    gate: threading.Event = field(default_factory=threading.Event)
    batches: list[list[str]] = field(default_factory=list)

    def pre(self, inputs: Sequence[Input]) -> list[Letters]:
        return [Letters(str(text)) for text in inputs]

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        texts = [item.text for item in batch if isinstance(item, Letters)]
        self.batches.append(texts)
        assert self.gate.wait(20), "the test never opened the gate"
        if "poison" in texts:
            raise FloatingPointError("poison")
        return [np.array([len(text), 0], dtype=np.float32) for text in texts]

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        return ranked(outputs, LENGTHS, parameters)


def opened() -> Gated:
    model = Gated()
    model.gate.set()
    return model
