"""What the kinds of texts share: a stock encoder, with a head or without, its fast tokenizer, padded micro-batches.

The artifact's layout is that of `contracts.fine_tune.FineTuneSpec`; weights are safetensors, no code of the artifact
runs.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor
from transformers import AutoConfig, AutoTokenizer, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from contracts.manifest import BrokenArtifact
from inference.runtime.settings import Settings

OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")  # their positions count from pad_token_id + 1

_loading = threading.Lock()  # transformers patches torch's initialisers while it builds a model


@dataclass(frozen=True, slots=True)
class Ids:
    """A text, or a pair of texts with each token's side in `types`."""

    ids: list[int]
    types: list[int]

    @property
    def tokens(self) -> int:
        return len(self.ids)


class Encoder:
    """`typed`: whether the base tells the texts of a pair apart."""

    def __init__(
        self, network: PreTrainedModel, tokenizer: Tokenizer, *, typed: bool, max_tokens: int, bf16: bool
    ) -> None:
        self._network, self._tokenizer, self._typed, self._bf16 = network, tokenizer, typed, bf16
        self._pad: int = network.config.pad_token_id or 0
        self.max_tokens = max_tokens
        tensors = [*network.parameters(), *network.buffers()]
        self.bytes = sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def tokenised(self, texts: Sequence[Any], *, words: bool = False) -> list[Encoding]:
        """Not truncated: a text that is too long is refused by its length, never cut silently. `texts`: strings, pairs
        of them, or lists of words."""
        found: list[Encoding] = self._tokenizer.encode_batch(list(texts), is_pretokenized=words)
        return found

    def read(self, texts: Sequence[str | tuple[str, str]]) -> list[Ids]:
        return [Ids(one.ids, one.type_ids) for one in self.tokenised(texts)]

    def run(self, rows: Sequence[Ids], output: str) -> tuple[Tensor, Tensor]:
        """The network's `output`, [rows, ...] float32, and [rows, longest] 1 where a token is, 0 where padding."""
        device, longest = self._network.device, max(row.tokens for row in rows)
        lengths = torch.tensor([row.tokens for row in rows], device=device)
        mask = (torch.arange(longest, device=device) < lengths[:, None]).long()
        given = {"input_ids": self._padded([row.ids for row in rows], self._pad, longest)}
        if self._typed and any(1 in row.types for row in rows):
            given["token_type_ids"] = self._padded([row.types for row in rows], 0, longest)
        if any(row.tokens < longest for row in rows):
            given["attention_mask"] = mask  # equal lengths need none, and attention is quicker without
        with torch.inference_mode(), torch.autocast(device.type, torch.bfloat16, enabled=self._bf16):
            found: Tensor = getattr(self._network(**given), output)
        return found.float(), mask

    def _padded(self, rows: list[list[int]], filler: int, longest: int) -> Tensor:
        return torch.tensor([row + [filler] * (longest - len(row)) for row in rows], device=self._network.device)


def load(folder: Path, settings: Settings, head: Any, *, outputs: int | None) -> Encoder:
    """`head`: the transformers class that loads it; `outputs`: how many the task asks for, None of a bare encoder.

    Raises `BrokenArtifact` where task and head differ; whatever transformers raises where files do not fit.
    """
    config: PreTrainedConfig = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if outputs is not None and config.num_labels != outputs:
        raise BrokenArtifact(f"the head has {config.num_labels} outputs, the task asks for {outputs}")
    torch.set_num_threads(settings.engine_threads)  # threads that start later take it over
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with _loading:
        network = head.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
        about = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    tokenizer: Tokenizer = about.backend_tokenizer
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network.eval().to(settings.device)
    return Encoder(
        network,
        tokenizer,
        typed="token_type_ids" in about.model_input_names,
        max_tokens=min(_positions(config), int(about.model_max_length)),
        bf16=settings.precision == "bf16",
    )


def _positions(config: PreTrainedConfig) -> int:
    """How many tokens have a position embedding."""
    positions = int(config.max_position_embeddings)
    return positions - (config.pad_token_id + 1) if config.model_type in OFFSET_POSITIONS else positions
