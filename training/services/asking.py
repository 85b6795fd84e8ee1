"""What a request names, looked up: an absent or foreign id is a fault beside the others."""

from typing import Any

from contracts.problems import Fault, echo
from training.models import Dataset, Model


def look_up(model: Any, key: str, noun: str, param: str) -> tuple[Any, list[Fault]]:
    """The row, or None and why."""
    row = model.objects.filter(id=key).first()
    message = f"There is no {noun} {echo(key)}."
    return row, [] if row else [Fault(code="not_found", message=message, param=param)]


def without_task(model: Model, param: str) -> Fault:
    """A base was pre-trained for no task: nothing says what it must answer, nor how well."""
    message = f"The model {model.id} is a base for others and of no task. Name one that was trained for a task."
    return Fault(code="base_model_without_task", message=message, param=param)


def rejected(dataset: Dataset) -> Fault:
    message = f"The data set {dataset.id} was rejected; see its error."
    return Fault(code="dataset_rejected", message=message, param="dataset")
