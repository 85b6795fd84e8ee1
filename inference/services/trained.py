"""The one place where serving meets trained models: their table is training's, which this room never imports."""

from typing import Any, Protocol

from django.apps import apps

from api.errors import ApiError, Conflict
from contracts import ids
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


class CheckpointNotServed(Conflict):
    """Whosever it is, and whether there is one."""

    def __init__(self, name: str) -> None:
        message = f"The checkpoint {name} is downloaded or trained on from, not served: release a finished model."
        super().__init__("checkpoint_not_served", message, param="model")


def held(model: str) -> Trained:
    """The model, which cannot be deleted until the transaction ends. Raises `NoSuchModel`, `CheckpointNotServed`."""
    if ids.of_checkpoint(model):
        raise CheckpointNotServed(model)
    table: Any = apps.get_model("training", "Model")
    row: Trained | None = table.objects.select_for_update(no_key=True).filter(id=model).first()
    if row is None:
        raise NoSuchModel(model)
    return row
