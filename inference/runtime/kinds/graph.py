"""A published ONNX graph in memory, on the processor."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships none
from numpy.typing import NDArray


class Graph:
    """`names`: of its inputs; `bytes`: of its file, about what its weights hold."""

    def __init__(self, file: Path, *, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(file, sess_options=options, providers=["CPUExecutionProvider"])
        self.names = tuple(one.name for one in self._session.get_inputs())
        self.bytes = file.stat().st_size

    def run(self, given: Mapping[str, NDArray[Any]]) -> NDArray[np.float32]:
        """Its one output."""
        answer: NDArray[np.float32] = self._session.run(None, given)[0]
        return answer
