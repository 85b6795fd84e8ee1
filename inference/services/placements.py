"""Where an endpoint leads right now, as the runtime wants to know it."""

from uuid import UUID

from django.db.models import Q

from contracts import ids
from contracts.prediction import Placement
from inference.models import Endpoint
from inference.services.endpoints import named
from tenants.scoping import tenant_context


def find(tenant: UUID, endpoint: str) -> Placement | None:
    """None for an endpoint that is absent, foreign, or without a release. One query in a context of its own."""
    with tenant_context(tenant):
        rows = Endpoint.objects.filter(_meant(endpoint), release__isnull=False).order_by("id")
        found = rows.values_list("id", "task_kind", "task_form", "release__model_id", "release__model__prefix").first()
    if found is None:
        return None
    key, kind, form, model, prefix = found
    return Placement(tenant=str(tenant), endpoint=key, model=model, task_kind=kind, task_form=form, prefix=prefix)


def _meant(key: str) -> Q:
    """An endpoint, or the one that a model stands behind: clients send the id of what they had trained."""
    return Q(release__model_id=key) if ids.well_formed(key, "mdl") else named(key)
