"""A vector for a text, the mean of its tokens' last states; for a pair of texts how alike they are.

The score of a pair is the cosine of its vectors; where scores were learnt, on the customer's scale by the line that
`options` of task.json names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
from transformers import AutoModel

from contracts.prediction import Number, Outcome, Parameters, Vector
from contracts.task import TaskSpec
from inference.runtime.ask import Input, Pair
from inference.runtime.kinds import encoder
from inference.runtime.kinds.encoder import Encoder, Ids
from inference.runtime.model import Encoded, Output
from inference.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Sides:
    """One text, or the two of a pair, each read by itself."""

    texts: tuple[Ids, ...]

    @property
    def tokens(self) -> int:
        """Of the longer one: it is what the model must be able to read, and what padding costs."""
        return max(text.tokens for text in self.texts)


class Embedder:
    def __init__(self, network: Encoder, task: TaskSpec) -> None:
        self._network = network
        self._slope = float(task.options.get("slope", 1.0))
        self._offset = float(task.options.get("offset", 0.0))
        self.bytes, self.max_tokens = network.bytes, network.max_tokens

    def pre(self, inputs: Sequence[Input]) -> list[Sides]:
        texts = [(one.first, one.second) if isinstance(one, Pair) else (str(one),) for one in inputs]
        read = self._network.read([text for sides in texts for text in sides])
        return [Sides(tuple(read[start:end])) for start, end in pairwise(accumulate(map(len, texts), initial=0))]

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        items = [item for item in batch if isinstance(item, Sides)]
        states, mask = self._network.run([text for item in items for text in item.texts], "last_hidden_state")
        real = mask[:, :, None].astype(np.float32)
        means = (states * real).sum(1) / real.sum(1)  # [texts, width]
        return np.split(means, list(accumulate(len(item.texts) for item in items))[:-1])  # [texts, width] each

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        return [self._outcome(output, parameters) for output in outputs]

    def _outcome(self, output: Output, parameters: Parameters) -> Outcome:
        if not np.isfinite(output).all():
            raise ArithmeticError("the model's vectors are not finite")
        unit = output / np.maximum(np.linalg.norm(output, axis=1, keepdims=True), np.float32(1e-12))
        if len(output) == 1:
            return Vector(embedding=tuple((unit if parameters.normalize else output)[0].tolist()))
        return Number(value=float(unit[0] @ unit[1]) * self._slope + self._offset)


def load(folder: Path, task: TaskSpec, settings: Settings) -> Embedder:
    return Embedder(encoder.load(folder, settings, AutoModel, outputs=None), task)
