"""A model as an ONNX file, which plain onnxruntime runs: no code of ours, no torch. Knows no kind of task.

torch's exporter and onnxruntime are imported where they are used: seconds that a refused job need not wait.
"""

import logging
import warnings
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

FILE = "model.onnx"
ROWS_AT_ONCE = 1_024


def export(module: nn.Module, given: dict[str, Tensor], folder: Path, *, output: str) -> None:
    """`given`: a few rows, one tensor an input by its name; the file takes any number of rows."""
    rows = torch.export.Dim("rows")
    shapes = {name: {0: rows} for name in given}
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)  # it would tell a customer what else could be installed
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch about itself
        program = torch.export.export(module.eval(), (), kwargs=given, dynamic_shapes=shapes)
        torch.onnx.export(
            program, f=folder / FILE, input_names=list(given), output_names=[output], external_data=False, verbose=False
        )


class Portable:
    """A published file, opened."""

    def __init__(self, folder: Path, *, threads: int) -> None:
        import onnxruntime  # type: ignore[import-untyped]  # it ships none

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            folder / FILE, sess_options=options, providers=["CPUExecutionProvider"]
        )

    def answers(self, given: dict[str, Tensor]) -> Tensor:
        """(N, outputs)."""
        arrays = {name: one.numpy() for name, one in given.items()}
        rows = len(next(iter(arrays.values())))
        parts = [
            self._session.run(None, {name: one[start : start + ROWS_AT_ONCE] for name, one in arrays.items()})[0]
            for start in range(0, rows, ROWS_AT_ONCE)
        ]
        return torch.from_numpy(np.concatenate(parts))
