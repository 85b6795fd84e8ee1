"""An encoder of texts as an ONNX graph (onnx.ai), and its weights as 8-bit integers."""

import inspect
from dataclasses import dataclass
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic  # type: ignore[import-untyped]
from torch import Tensor, nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from training.engine.model.padded import logits_of
from training.engine.model.portable import Portable, export, quietly

LENGTHS = (5, 9)  # of the two texts that the graph is traced with; any other number of any length runs through it


@dataclass(frozen=True, kw_only=True)
class Answer:
    """As a transformers model gives it."""

    logits: Tensor


class Exported:
    """Answers like the transformers model that was exported, token types 0 where they are left out."""

    def __init__(self, file: Path, *, threads: int) -> None:
        self._file = Portable(file, threads=threads)

    def __call__(self, **given: Tensor) -> Answer:
        nothing = torch.zeros_like(given["input_ids"])
        return Answer(logits=self._file.answers({name: given.get(name, nothing) for name in self._file.names}))


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


class _Logits(nn.Module):
    """Tensors in, one tensor out."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self._model = model

    def forward(self, input_ids: Tensor, attention_mask: Tensor, token_type_ids: Tensor | None = None) -> Tensor:
        types = {} if token_type_ids is None else {"token_type_ids": token_type_ids}
        return logits_of(self._model(input_ids=input_ids, attention_mask=attention_mask, **types))
