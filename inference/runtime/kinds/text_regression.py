"""A number for a text, in the customer's unit: training folded the unit into the head."""

from pathlib import Path

from transformers import AutoModelForSequenceClassification

from contracts.task import TaskSpec
from inference.runtime.kinds import encoder
from inference.runtime.kinds.scores import numbers
from inference.runtime.kinds.texts import Texts
from inference.runtime.settings import Settings


def load(folder: Path, task: TaskSpec, settings: Settings) -> Texts:
    return Texts(encoder.load(folder, settings, AutoModelForSequenceClassification, outputs=1), task, numbers)
