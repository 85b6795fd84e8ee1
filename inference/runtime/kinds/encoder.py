"""What the kinds of texts share: an encoder, with a head or without, its fast tokenizer, padded micro-batches.

The artifact's layout is that of `contracts.fine_tune.FineTuneSpec`; weights are safetensors or ONNX, no code of the
artifact runs. Where a smaller form of the model held its contract, that is what answers.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from contracts.manifest import BrokenArtifact
from inference.runtime.kinds.graph import Graph
from inference.runtime.settings import Settings

OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")  # their positions count from pad_token_id + 1
CUT, FILE = "compressed", "onnx/model.onnx"  # in a model's folder: with less in it, in other numbers

_loading = threading.Lock()  # transformers patches torch's initialisers while it builds a model

Given = dict[str, NDArray[np.int64]]  # [rows, longest] each, by the name that transformers has for it


@dataclass(frozen=True, slots=True)
class Ids:
    """A text, or a pair of texts with each token's side in `types`."""

    ids: list[int]
    types: list[int]

    @property
    def tokens(self) -> int:
        return len(self.ids)


class Network(Protocol):
    """Weights in memory."""

    @property
    def bytes(self) -> int: ...

    def __call__(self, given: Given, output: str, /) -> NDArray[np.float32]:
        """The output of that name. A mask or types that are left out are the usual ones."""


class Stock:
    """The transformers model, on its device."""

    def __init__(self, model: PreTrainedModel, *, bf16: bool) -> None:
        self._model, self._bf16 = model, bf16
        tensors = [*model.parameters(), *model.buffers()]
        self.bytes = sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def __call__(self, given: Given, output: str, /) -> NDArray[np.float32]:
        device = self._model.device
        tensors = {name: torch.from_numpy(one).to(device) for name, one in given.items()}
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=self._bf16):
            found = getattr(self._model(**tensors), output)
        answer: NDArray[np.float32] = found.float().cpu().numpy()
        return answer


class Exported:
    """An ONNX graph of the model with its head, as `training.engine.compress` writes it: one output."""

    def __init__(self, graph: Graph) -> None:
        self._graph, self.bytes = graph, graph.bytes

    def __call__(self, given: Given, output: str, /) -> NDArray[np.float32]:
        ids = given["input_ids"]
        usual = {"attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return self._graph.run({name: given[name] if name in given else usual[name] for name in self._graph.names})


class Encoder:
    """`typed`: whether the base tells the texts of a pair apart; `filler`: the id of padding."""

    def __init__(self, network: Network, tokenizer: Tokenizer, *, typed: bool, filler: int, max_tokens: int) -> None:
        self._network, self._tokenizer, self._typed, self._filler = network, tokenizer, typed, filler
        self.bytes, self.max_tokens = network.bytes, max_tokens

    def tokenised(self, texts: Sequence[Any], *, words: bool = False) -> list[Encoding]:
        """Not truncated: a text that is too long is refused by its length, never cut silently. `texts`: strings, pairs
        of them, or lists of words."""
        found: list[Encoding] = self._tokenizer.encode_batch(list(texts), is_pretokenized=words)
        return found

    def read(self, texts: Sequence[str | tuple[str, str]]) -> list[Ids]:
        return [Ids(one.ids, one.type_ids) for one in self.tokenised(texts)]

    def run(self, rows: Sequence[Ids], output: str) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """The network's `output`, [rows, ...], and [rows, longest] 1 where a token is, 0 where padding."""
        longest = max(row.tokens for row in rows)
        mask = np.array([[1] * row.tokens + [0] * (longest - row.tokens) for row in rows])
        given = {"input_ids": _padded([row.ids for row in rows], self._filler, longest)}
        if self._typed and any(1 in row.types for row in rows):
            given["token_type_ids"] = _padded([row.types for row in rows], 0, longest)
        if any(row.tokens < longest for row in rows):
            given["attention_mask"] = mask  # equal lengths need none, and attention is quicker without
        return self._network(given, output), mask


def load(folder: Path, settings: Settings, head: Any, *, outputs: int | None) -> Encoder:
    """`head`: the transformers class that loads it; `outputs`: how many the task asks for, None of a bare encoder.

    Raises `BrokenArtifact` where task and head differ; whatever transformers raises where files do not fit.
    """
    place = folder / CUT if (folder / CUT).is_dir() else folder
    config: PreTrainedConfig = AutoConfig.from_pretrained(place, local_files_only=True, trust_remote_code=False)
    if outputs is not None and config.num_labels != outputs:
        raise BrokenArtifact(f"the head has {config.num_labels} outputs, the task asks for {outputs}")
    torch.set_num_threads(settings.engine_threads)  # threads that start later take it over
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with _loading:
        about = AutoTokenizer.from_pretrained(place, local_files_only=True, trust_remote_code=False)
        network = _network(place, settings, head)
    tokenizer: Tokenizer = about.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return Encoder(
        network,
        tokenizer,
        typed="token_type_ids" in about.model_input_names,
        filler=config.pad_token_id or 0,
        max_tokens=min(_positions(config), int(about.model_max_length)),
    )


def _network(folder: Path, settings: Settings, head: Any) -> Network:
    exported = folder / FILE
    if exported.exists() and settings.device == "cpu":
        return Exported(Graph(exported, threads=settings.engine_threads))
    model = head.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
    )
    return Stock(model.eval().to(settings.device), bf16=settings.precision == "bf16")


def _positions(config: PreTrainedConfig) -> int:
    """How many tokens have a position embedding."""
    positions = int(config.max_position_embeddings)
    return positions - (config.pad_token_id + 1) if config.model_type in OFFSET_POSITIONS else positions


def _padded(rows: list[list[int]], filler: int, longest: int) -> NDArray[np.int64]:
    return np.array([row + [filler] * (longest - len(row)) for row in rows])
