"""A model as an ONNX graph (onnx.ai), and its weights as 8-bit integers. Runs by ONNX Runtime wherever that runs."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime  # type: ignore[import-untyped]
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

LENGTHS = (5, 9)  # of the two texts that the graph is traced with; any other number of any length runs through it


@dataclass(frozen=True, kw_only=True)
class Answer:
    """As a transformers model gives it."""

    logits: Tensor


class Exported:
    """Answers like the transformers model that was exported, token types 0 where they are left out."""

    def __init__(self, file: Path, *, threads: int) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        self._names = [one.name for one in self._session.get_inputs()]

    def __call__(self, **given: Tensor) -> Answer:
        inputs = {name: given.get(name, torch.zeros_like(given["input_ids"])).numpy() for name in self._names}
        return Answer(logits=torch.from_numpy(self._session.run(["logits"], inputs)[0]))


def export(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, file: Path) -> None:
    """Inputs as the tokenizer names them, (batch, length) int64 each; one output, `logits`, float32."""
    names = [name for name in tokenizer.model_input_names if name in _accepted(model)]
    texts = tokenizer([" ".join(["a"] * length) for length in LENGTHS], padding=True, return_tensors="pt")
    axes = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")}
    with _quietly():
        torch.onnx.export(
            _Plain(model, names).eval(),
            tuple(texts[name] for name in names),
            file,
            input_names=names,
            output_names=["logits"],
            dynamic_shapes={"given": tuple(axes for _ in names)},
            dynamo=True,
            external_data=False,
            verbose=False,
        )


def quantise(file: Path, target: Path) -> None:
    """Weights of matrix products as 8-bit integers, a scale a column; what comes in is quantised as it comes (dynamic
    quantisation: no rows are needed to calibrate)."""
    with _quietly():
        quantize_dynamic(file, target, per_channel=True, weight_type=QuantType.QInt8)


class _Plain(nn.Module):
    """Tensors in, one tensor out."""

    def __init__(self, model: PreTrainedModel, names: list[str]) -> None:
        super().__init__()
        self._model, self._names = model, names

    def forward(self, *given: Tensor) -> Tensor:
        logits: Tensor = self._model(**dict(zip(self._names, given, strict=True))).logits
        return logits


def _accepted(model: PreTrainedModel) -> set[str]:
    code: Any = type(model).forward
    return set(code.__wrapped__.__code__.co_varnames if hasattr(code, "__wrapped__") else code.__code__.co_varnames)


@contextmanager
def _quietly() -> Iterator[None]:
    """The libraries remark on each other's deprecations and on models they are not given."""
    before = logging.root.manager.disable
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            yield
        finally:
            logging.disable(before)
