"""The one place where serving meets trained models: their table is training's, which this room never imports."""

from typing import Any, Protocol

from django.apps import apps

from api.errors import ApiError
from contracts.problems import echo


class Trained(Protocol):
    """What serving needs to know of a `training.Model`. `task`: None of a base model."""

    id: str
    task_kind: str
    task: Any


class NoSuchModel(ApiError):
    """Absent or foreign."""

    def __init__(self, model: str) -> None:
        super().__init__(404, "not_found", f"There is no model {echo(model)}.", param="model")


def held(model: str) -> Trained:
    """The model, which cannot be deleted until the transaction ends. Raises `NoSuchModel`."""
    table: Any = apps.get_model("training", "Model")
    row: Trained | None = table.objects.select_for_update(no_key=True).filter(id=model).first()
    if row is None:
        raise NoSuchModel(model)
    return row
