"""The files of a model whose architecture is our own: config.json, its shape, and model.safetensors."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from safetensors.torch import load_file, save_file
from torch import nn

from contracts.codec import from_json, to_json

CONFIG, WEIGHTS = "config.json", "model.safetensors"

Shape = TypeVar("Shape")
Model = TypeVar("Model", bound=nn.Module)


def save(model: nn.Module, shape: Any, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / CONFIG).write_bytes(to_json(shape))
    save_file(model.state_dict(), folder / WEIGHTS)


def load(made: Callable[[Shape], Model], kind: type[Shape], folder: Path) -> Model:
    """`made`: a model of a shape; `kind`: of that shape."""
    model = made(from_json((folder / CONFIG).read_bytes(), kind))
    model.load_state_dict(load_file(folder / WEIGHTS))
    return model.eval()
