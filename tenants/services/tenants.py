"""Customer companies come to be."""

from tenants import audit
from tenants.models import Tenant
from tenants.models.tenant import new_tenant_id
from tenants.scoping import tenant_context


def create(*, by: str, name: str, slug: str) -> Tenant:
    """A new company; the row is written inside its own context, since the wall stands around this table too."""
    tenant = Tenant(id=new_tenant_id(), name=name, slug=slug)
    with tenant_context(tenant.id):
        tenant.save(force_insert=True)
        audit.record(by=by, action="tenant.created", target=str(tenant.id), slug=slug)
    return tenant


def find(slug: str) -> Tenant | None:
    """By its short name; needs the `staff` alias, which sees every company."""
    return Tenant.objects.using("staff").filter(slug=slug).first()
