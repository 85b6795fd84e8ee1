"""The two walls around a tenant's rows, and the one door through them.

`tenant_context` opens a transaction, tells PostgreSQL the tenant for exactly that transaction (row-level security,
the wall in the database) and tells the managers (the wall in Python). Outside a context a scoped manager raises
and the database shows no rows. `unscoped` is the loud way past the first wall; it needs a database alias whose role
the second wall lets through.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar
from uuid import UUID

from django.db import connections, models, transaction

_tenant: ContextVar[UUID | None] = ContextVar("landfall_tenant", default=None)


class NoTenant(RuntimeError):
    """Tenant rows were asked for outside a tenant's context: a fault of ours, never a customer's."""


class AnotherTenant(RuntimeError):
    """One transaction tried to serve two tenants."""


def current_tenant() -> UUID:
    tenant = _tenant.get()
    if tenant is None:
        raise NoTenant("no tenant context is open; use tenants.scoping.tenant_context")
    return tenant


@contextmanager
def tenant_context(tenant: UUID) -> Iterator[None]:
    """One transaction in which only this tenant's rows exist. Nested use for the same tenant joins it (savepoint).

    The outermost context must not sit inside another transaction: the setting would outlive the context there.
    """
    outer = _tenant.get()
    if outer is not None and outer != tenant:
        raise AnotherTenant("a transaction belongs to one tenant")
    with transaction.atomic(durable=outer is None):
        if outer is None:
            with connections["default"].cursor() as cursor:
                cursor.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant)])
        token = _tenant.set(tenant)
        try:
            yield
        finally:
            _tenant.reset(token)


M = TypeVar("M", bound=models.Model)


class TenantManager(models.Manager[M]):
    """Rows of the tenant in context, and no others."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(tenant_id=current_tenant())

    def unscoped(self, *, using: str) -> models.QuerySet[M]:
        """Rows of every tenant that the role behind the alias `using` may see: `system` or `staff`."""
        return models.QuerySet(self.model, using=using)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference that cannot leave its tenant: the database holds (tenant_id, column) -> (tenant_id, key).

    The composite constraint is written by `tenants.isolation.TenantIsolation`, hence none of Django's own.
    """

    def __init__(self, to: Any, on_delete: Any = models.CASCADE, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def check(self, **kwargs: Any) -> list[Any]:
        """Django's advice to use OneToOneField for a key shared with another row (W342) would undo the above."""
        return [message for message in super().check(**kwargs) if message.id != "fields.W342"]


class TenantModel(models.Model):
    """A row that belongs to one tenant, filled in from the context."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+", editable=False)

    objects = TenantManager[Any]()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if kwargs.get("using", "default") in (None, "default"):
            self.tenant_id = self.tenant_id or current_tenant()
            if self.tenant_id != current_tenant():
                raise AnotherTenant("a row belongs to the tenant in context")
        super().save(*args, **kwargs)
