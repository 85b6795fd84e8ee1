"""Text classification: one of the task's labels for each text. Stock encoder and fast tokenizer, padded micro-batches.

The artifact's layout is that of `contracts.fine_tune.FineTuneSpec`; weights are safetensors, no code
of the artifact runs.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.utils import logging as transformers_logging

from contracts.codec import from_json
from contracts.manifest import BrokenArtifact
from contracts.prediction import Parameters, Ranked
from contracts.task import TaskSpec
from inference.runtime.kinds.scores import ranked
from inference.runtime.model import Encoded, Output
from inference.runtime.settings import Settings

OFFSET_POSITIONS = ("roberta", "xlm-roberta", "camembert")  # their positions count from pad_token_id + 1

_loading = threading.Lock()  # transformers patches torch's initialisers while it builds a model


@dataclass(frozen=True, slots=True)
class Text:
    ids: list[int]

    @property
    def tokens(self) -> int:
        return len(self.ids)


class TextClassifier:
    def __init__(
        self, network: PreTrainedModel, tokenizer: Tokenizer, task: TaskSpec, *, max_tokens: int, bf16: bool
    ) -> None:
        self._network, self._tokenizer, self._task, self._bf16 = network, tokenizer, task, bf16
        self._pad: int = network.config.pad_token_id or 0
        self.max_tokens = max_tokens
        tensors = [*network.parameters(), *network.buffers()]
        self.bytes = sum(tensor.numel() * tensor.element_size() for tensor in tensors)

    def pre(self, texts: Sequence[str]) -> list[Text]:
        """Token ids, not truncated: a text that is too long is refused by its length, never cut silently."""
        return [Text(encoding.ids) for encoding in self._tokenizer.encode_batch(list(texts))]

    def core(self, batch: Sequence[Encoded]) -> Sequence[Output]:
        rows = [item.ids for item in batch if isinstance(item, Text)]
        longest = max(map(len, rows))
        padded = torch.tensor([ids + [self._pad] * (longest - len(ids)) for ids in rows], device=self._network.device)
        lengths = torch.tensor([len(ids) for ids in rows], device=self._network.device)
        mask = None  # equal lengths need none, and attention is quicker without
        if min(map(len, rows)) < longest:
            mask = (torch.arange(longest, device=self._network.device) < lengths[:, None]).long()  # [rows, longest]
        with torch.inference_mode(), torch.autocast(padded.device.type, torch.bfloat16, enabled=self._bf16):
            logits = self._network(input_ids=padded, attention_mask=mask).logits  # [rows, labels]
        return list(logits.float().cpu().numpy())

    def post(self, outputs: Sequence[Output], parameters: Parameters) -> list[Ranked]:
        return ranked(outputs, self._task, parameters)


def load(folder: Path, settings: Settings) -> TextClassifier:
    """Raises `BrokenArtifact` where labels and head differ; whatever transformers raises where files do not fit."""
    task = from_json((folder / "task.json").read_bytes(), TaskSpec)
    config: PreTrainedConfig = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if config.num_labels != len(task.labels):
        raise BrokenArtifact(f"the head has {config.num_labels} classes, the task {len(task.labels)} labels")
    torch.set_num_threads(settings.engine_threads)  # threads that start later take it over
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    with _loading:
        network = AutoModelForSequenceClassification.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32
        )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    network.eval().to(settings.device)
    bf16 = settings.precision == "bf16"
    return TextClassifier(network, tokenizer, task, max_tokens=_max_tokens(folder, config), bf16=bf16)


def _max_tokens(folder: Path, config: PreTrainedConfig) -> int:
    """What tokenizer and position embeddings both allow."""
    about = json.loads((folder / "tokenizer_config.json").read_bytes())
    positions = int(config.max_position_embeddings)
    if config.model_type in OFFSET_POSITIONS:
        positions -= config.pad_token_id + 1
    return min(positions, int(about.get("model_max_length") or positions))
