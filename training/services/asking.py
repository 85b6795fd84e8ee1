"""What a request names, looked up: an absent or foreign id is a fault beside the others."""

from typing import Any

from contracts.problems import Fault, echo
from training.models import Dataset


def look_up(model: Any, key: str, noun: str, param: str) -> tuple[Any, list[Fault]]:
    """The row, or None and why."""
    row = model.objects.filter(id=key).first()
    message = f"There is no {noun} {echo(key)}."
    return row, [] if row else [Fault(code="not_found", message=message, param=param)]


def rejected(dataset: Dataset) -> Fault:
    message = f"The data set {dataset.id} was rejected; see its error."
    return Fault(code="dataset_rejected", message=message, param="dataset")
