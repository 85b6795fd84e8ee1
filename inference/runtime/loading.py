"""From a verified artifact folder to a model in memory. A kind's libraries are imported with its first artifact."""

from collections.abc import Callable
from pathlib import Path

from contracts.manifest import BrokenArtifact, Manifest
from contracts.task import TEXT_CLASSIFICATION
from inference.runtime import dummy
from inference.runtime.model import Load, Model
from inference.runtime.settings import Settings


def loader(settings: Settings) -> Load:
    """The `Load` of this process. Raises `BrokenArtifact` where a folder is not what its manifest says."""

    def load(kind: str, folder: Path, manifest: Manifest) -> Model:
        if manifest.about.get("backend") == "dummy":
            return dummy.load(folder, manifest)
        if kind not in KINDS:
            raise BrokenArtifact(f"this runtime serves no {kind}")
        return KINDS[kind](folder, settings)

    return load


def _text_classification(folder: Path, settings: Settings) -> Model:
    from inference.runtime.kinds import text_classification  # seconds of imports: not for a process of dummies

    return text_classification.load(folder, settings)


KINDS: dict[str, Callable[[Path, Settings], Model]] = {TEXT_CLASSIFICATION: _text_classification}
