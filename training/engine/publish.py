"""Writes what a customer gets: a folder that plain `AutoModelForSequenceClassification.from_pretrained` loads."""

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from contracts.codec import to_json
from contracts.task import TaskSpec


def write(
    folder: Path, *, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, task: TaskSpec, max_length: int
) -> None:
    """config.json, model.safetensors, tokenizer files that cut where training cut, task.json. No path of ours."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.model_max_length = max_length
    tokenizer.save_pretrained(folder)
    (folder / "task.json").write_bytes(to_json(task))
