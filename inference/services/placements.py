"""Where an endpoint leads right now, as the runtime wants to know it."""

from uuid import UUID

from contracts.prediction import Placement
from inference.models import Endpoint
from inference.services.endpoints import named
from tenants.scoping import tenant_context


def find(tenant: UUID, endpoint: str) -> Placement | None:
    """None for an endpoint that is absent, foreign, or without a release. One query in a context of its own."""
    with tenant_context(tenant):
        rows = Endpoint.objects.filter(named(endpoint), release__isnull=False)
        found = rows.values_list("id", "task_kind", "release__model_id", "release__model__prefix").first()
    if found is None:
        return None
    key, kind, model, prefix = found
    return Placement(tenant=str(tenant), endpoint=key, model=model, task_kind=kind, prefix=prefix)
