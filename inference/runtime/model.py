"""What batching, pool and surfaces know of a loaded model: three steps and three numbers, no kind, no library.

`pre` and `post` run on the host; only `core` holds the device.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from contracts.manifest import Manifest
from contracts.prediction import Outcome, Parameters
from inference.runtime.ask import Input

Output = NDArray[np.float32]  # what core says about one input


class Encoded(Protocol):
    """One input, ready for the device."""

    @property
    def tokens(self) -> int:
        """Its length, which is also its share of a batch."""


class Model(Protocol):
    """One artifact in memory. `core` is called from several threads at once."""

    @property
    def bytes(self) -> int:
        """Memory its weights hold."""

    @property
    def max_tokens(self) -> int:
        """The longest input it can read."""

    def pre(self, inputs: Sequence[Input]) -> Sequence[Encoded]: ...

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        """One output an input, in order; an input's output does not depend on its neighbours."""

    def post(
        self, items: Sequence[Encoded], outputs: Sequence[Output], parameters: Parameters
    ) -> Sequence[Outcome]: ...


Load = Callable[[str, Path, Manifest], Model]  # task kind, verified folder, its manifest
