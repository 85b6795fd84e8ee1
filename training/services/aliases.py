"""Aliases of models: set, moved from one version of a task to another, taken away."""

from django.db.models import QuerySet

from api.errors import NotFound
from tenants import audit
from training.models import Model, ModelAlias


def of(model: Model) -> QuerySet[ModelAlias]:
    rows: QuerySet[ModelAlias] = model.aliases.order_by("name")
    return rows


def point(*, by: str, model: Model, name: str) -> ModelAlias:
    """The alias is this model's from now on, whichever version of the task had it before."""
    alias: ModelAlias
    alias, _ = ModelAlias.objects.update_or_create(task=model.task, name=name, defaults={"model": model})
    audit.record(by=by, action="model.alias_set", target=model.id, alias=name)
    return alias


def remove(*, by: str, model: Model, name: str) -> None:
    """Raises `NotFound` where the model does not have it."""
    gone, _ = of(model).filter(name=name).delete()
    if not gone:
        raise NotFound("alias", name)
    audit.record(by=by, action="model.alias_removed", target=model.id, alias=name)
