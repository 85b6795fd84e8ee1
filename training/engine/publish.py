"""Writes what a customer gets: a folder that plain transformers loads, `AutoModelFor...from_pretrained`."""

from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from contracts.codec import from_json, to_json
from contracts.task import TaskSpec


def write(
    folder: Path, *, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, task: TaskSpec, max_length: int
) -> None:
    """config.json, model.safetensors, tokenizer files that cut where training cut, task.json. No path of ours, and
    no `auto_map`: it would name code that lay beside the base and is neither run nor published."""
    write_model(folder, model=model, task=task)
    tokenizer.init_kwargs.pop("auto_map", None)
    tokenizer.model_max_length = max_length
    tokenizer.save_pretrained(folder)


def write_model(folder: Path, *, model: PreTrainedModel, task: TaskSpec) -> None:
    """config.json, model.safetensors, task.json."""
    folder.mkdir(parents=True, exist_ok=True)
    vars(model.config).pop("auto_map", None)
    model.save_pretrained(folder)
    (folder / "task.json").write_bytes(to_json(task))


def task_of(folder: Path) -> TaskSpec:
    """What a published model is for."""
    return from_json((folder / "task.json").read_bytes(), TaskSpec)
