"""Texts, or pairs of texts read at once, that a head answers with a row of logits: what becomes of it is the kind's."""

from collections.abc import Callable, Sequence

from contracts.prediction import Outcome, Parameters
from contracts.task import TaskSpec
from inference.runtime.ask import Input, Pair
from inference.runtime.kinds.encoder import Encoder, Ids
from inference.runtime.model import Encoded, Output

Told = Callable[[Sequence[Output], TaskSpec, Parameters], Sequence[Outcome]]


class Texts:
    """A `Model`."""

    def __init__(self, network: Encoder, task: TaskSpec, told: Told) -> None:
        self._network, self._task, self._told = network, task, told
        self.bytes, self.max_tokens = network.bytes, network.max_tokens

    def pre(self, inputs: Sequence[Input]) -> list[Ids]:
        return self._network.read([(one.first, one.second) if isinstance(one, Pair) else str(one) for one in inputs])

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        logits, _ = self._network.run([item for item in batch if isinstance(item, Ids)], "logits")
        return list(logits)  # [outputs] each

    def post(self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters) -> Sequence[Outcome]:
        return self._told(outputs, self._task, parameters)
