"""An encoder of texts as an ONNX graph (onnx.ai), as it is or in 8-bit integers."""

import inspect
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from onnxruntime.quantization import (  # type: ignore[import-untyped]
    CalibrationDataReader,
    QuantType,
    quantize_dynamic,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process  # type: ignore[import-untyped]
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.engine.model.padded import logits_of
from training.engine.model.portable import Portable, export, quietly

LENGTHS = (5, 9)  # of the two texts that the graph is traced with; any other number of any length runs through it

Inputs = dict[str, Tensor]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """As a transformers model gives it."""

    logits: Tensor


class Exported:
    """Answers like the transformers model that was exported, token types 0 where they are left out."""

    def __init__(self, file: Path, *, threads: int) -> None:
        self._file = Portable(file, threads=threads)

    def __call__(self, **given: Tensor) -> Answer:
        return Answer(logits=self._file.answers(complete(given, self._file.names)))


def complete(given: Inputs, names: Iterable[str]) -> Inputs:
    """The named inputs, 0 where one is left out."""
    nothing = torch.zeros_like(given["input_ids"])
    return {name: given.get(name, nothing) for name in names}


def export_texts(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, file: Path) -> None:
    """Inputs as the tokenizer names them, (batch, length) int64 each; one output, `logits`, float32."""
    texts = tokenizer([" ".join(["a"] * length) for length in LENGTHS], padding=True, return_tensors="pt")
    read = inspect.signature(model.forward).parameters
    given = {name: texts[name] for name in tokenizer.model_input_names if name in read}
    export(_Logits(model), given, file, output="logits", free=2)


def quantise(file: Path, target: Path) -> None:
    """Weights of matrix products as 8-bit integers, a scale a column; what comes in is quantised as it comes (dynamic
    quantisation: no rows are needed to calibrate)."""
    with quietly():
        quantize_dynamic(file, target, per_channel=True, weight_type=QuantType.QInt8)


def quantise_statically(file: Path, target: Path, shown: Iterable[Inputs]) -> None:
    """Weights and what comes in as 8-bit integers, with a fixed scale each: the products need not look for it. The
    largest values that the rows `shown` lead to set the scales (Jacob et al. 2018, arXiv:1712.05877; QDQ format).

    Weights have 7 of the 8 bits: processors without VNNI add two products up in 16 bits.
    """
    with quietly(), tempfile.TemporaryDirectory() as scratch:
        prepared = Path(scratch) / "prepared.onnx"
        quant_pre_process(file, prepared, skip_symbolic_shape=True)
        quantize_static(
            prepared, target, _Shown(file, shown), per_channel=True, reduce_range=True,
            activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gemm"],
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip


class _Shown(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime ships no types
    """Batch after batch, as onnxruntime reads them."""

    def __init__(self, file: Path, shown: Iterable[Inputs]) -> None:
        names = Portable(file, threads=1).names
        self._left = iter([complete(one, names) for one in shown])

    def get_next(self) -> dict[str, Any] | None:
        batch = next(self._left, None)
        return None if batch is None else {name: one.numpy() for name, one in batch.items()}


class _Logits(nn.Module):
    """Tensors in, one tensor out."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        return logits_of(self._model(input_ids=input_ids, attention_mask=attention_mask, **types))
