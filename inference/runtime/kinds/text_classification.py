"""Labels of a text or of a pair of texts: one of them, or each decided by itself."""

from pathlib import Path

from transformers import AutoModelForSequenceClassification

from contracts.task import TaskSpec
from inference.runtime.kinds import encoder
from inference.runtime.kinds.scores import chosen, ranked
from inference.runtime.kinds.texts import Texts
from inference.runtime.settings import Settings


def load(folder: Path, task: TaskSpec, settings: Settings) -> Texts:
    network = encoder.load(folder, settings, AutoModelForSequenceClassification, outputs=len(task.labels))
    return Texts(network, task, chosen if task.form == "multi-label" else ranked)
