"""From a verified artifact folder to a model in memory. A kind's libraries are imported with its first artifact."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from contracts.codec import from_json
from contracts.manifest import BrokenArtifact, Manifest
from contracts.task import (
    TABULAR_CLASSIFICATION,
    TABULAR_REGRESSION,
    TEXT_CLASSIFICATION,
    TEXT_MATCHING,
    TEXT_REGRESSION,
    TOKEN_CLASSIFICATION,
    TaskSpec,
    form_of,
)
from inference.runtime import dummy
from inference.runtime.model import Load, Model
from inference.runtime.settings import Settings

# Which module of `kinds` loads it. They are named, not imported: seconds that a process of dummies need not wait.
KINDS = {
    (TEXT_CLASSIFICATION, "single-label"): "text_classification",
    (TEXT_CLASSIFICATION, "multi-label"): "text_classification",
    (TEXT_REGRESSION, "scored"): "text_regression",
    (TOKEN_CLASSIFICATION, "tagged"): "token_classification",
    (TEXT_MATCHING, "labelled-pairs"): "text_classification",
    (TEXT_MATCHING, "scored-pairs"): "text_matching",
    (TEXT_MATCHING, "triples"): "text_matching",
    (TABULAR_CLASSIFICATION, "rows"): "tables",
    (TABULAR_REGRESSION, "rows"): "tables",
}


def loader(settings: Settings) -> Load:
    """The `Load` of this process. Raises `BrokenArtifact` where a folder is not what its manifest says."""

    def load(kind: str, folder: Path, manifest: Manifest) -> Model:
        if manifest.about.get("backend") == "dummy":
            return dummy.load(folder, manifest)
        task = from_json((folder / "task.json").read_bytes(), TaskSpec)
        if task.kind != kind:
            raise BrokenArtifact(f"the artifact is for {task.kind}, not {kind}")
        module = KINDS.get((kind, form_of(kind, task.form).name))
        if module is None:
            raise BrokenArtifact(f"this runtime serves no {kind} ({task.form})")
        loading: Callable[[Path, TaskSpec, Settings], Model] = _module(module).load
        return loading(folder, task, settings)

    return load


def _module(name: str) -> Any:
    return import_module(f"inference.runtime.kinds.{name}")
