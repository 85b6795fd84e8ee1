"""Companies, their keys, and what was done to their things."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from console import cells
from console.cells import column, moment
from console.reading import TenantAdmin
from tenants.models import ApiKey, AuditLog, Tenant


class CompanyAdmin(TenantAdmin):
    """A tenant's own row: it is its own tenant."""

    search_fields = ("name", "=slug")
    opens = "name"
    fields = ("name", "slug", "id", moment("created_at"))

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["name", "slug", "id", "created"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return []

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tenant]:
        return Tenant.objects.using("staff").order_by("name")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return list(self.fields)

    @column("created", ordering="created_at")
    def created(self, row: Tenant) -> str:
        return cells.ago(row.created_at)


class ApiKeyAdmin(TenantAdmin):
    """Never more of a key than its owner sees in a list."""

    columns = ("name", "key", "rights", "mode", "state", "created")
    filters = ("livemode",)
    fields = ("id", "name", "key", "rights", "livemode", moment("created_at"), moment("revoked_at"))
    search_fields = ("=id", "name", "=last_four")

    @column("key")
    def key(self, row: ApiKey) -> str:
        return cells.code(str(row))

    @column("scopes")
    def rights(self, row: ApiKey) -> str:
        return ", ".join(row.scopes)

    @column("mode", badges={"live": cells.BUSY, "test": cells.QUIET})
    def mode(self, row: ApiKey) -> str:
        return "live" if row.livemode else "test"

    @column("state", badges={"active": cells.GOOD, "revoked": cells.QUIET})
    def state(self, row: ApiKey) -> str:
        return "revoked" if row.revoked_at else "active"

    @column("created", ordering="created_at")
    def created(self, row: ApiKey) -> str:
        return cells.ago(row.created_at)


class AuditLogAdmin(TenantAdmin):
    """Reading the log is itself a line of it."""

    columns = ("actor", "action", "target", "when")
    filters = ("action",)
    fields = ("id", "actor", "action", "target", "what", "request_id", moment("created_at"))
    search_fields = ("=id", "=target", "=actor", "=request_id")

    @column("when", ordering="created_at")
    def when(self, row: AuditLog) -> str:
        return cells.ago(row.created_at)

    @column("details")
    def what(self, row: AuditLog) -> str:
        return cells.pretty(row.details)
