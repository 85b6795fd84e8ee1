"""A model as an ONNX file, which plain onnxruntime runs: no code of ours, no torch. Knows no kind of task.

torch's exporter and onnxruntime are imported where they are used: seconds that a refused job need not wait.
"""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

FILE = "model.onnx"
ROWS_AT_ONCE = 1_024


def export(module: nn.Module, given: dict[str, Tensor], file: Path, *, output: str, free: int = 1) -> None:
    """`given`: a few rows, one tensor an input by its name; `free`: how many of every input's first dimensions may have
    any size in the file, rows being the first."""
    shapes = {name: dict.fromkeys(range(free), torch.export.Dim.DYNAMIC) for name in given}
    with quietly():
        program = torch.export.export(module.eval(), (), kwargs=given, dynamic_shapes=shapes)
        torch.onnx.export(
            program, f=file, input_names=list(given), output_names=[output], external_data=False, verbose=False
        )


class Portable:
    """A published file, opened. `names`: of its inputs."""

    def __init__(self, file: Path, *, threads: int) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # it ships none

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(file, sess_options=options, providers=["CPUExecutionProvider"])
        self.names: list[str] = [one.name for one in self._session.get_inputs()]

    def answers(self, given: dict[str, Tensor]) -> Tensor:
        """(N, outputs), or more dimensions after the rows."""
        arrays = {name: one.numpy() for name, one in given.items()}
        rows = len(next(iter(arrays.values())))
        parts = [
            self._session.run(None, {name: one[start : start + ROWS_AT_ONCE] for name, one in arrays.items()})[0]
            for start in range(0, rows, ROWS_AT_ONCE)
        ]
        return torch.from_numpy(np.concatenate(parts))


@contextmanager
def quietly() -> Iterator[None]:
    """The libraries would tell a customer of each other's deprecations and of what else could be installed."""
    before = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
