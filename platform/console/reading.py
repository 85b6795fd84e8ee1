"""The read-only admin every tenant-owned noun stands on.

Rows come through the `staff` role, which may SELECT and nothing else; the tenant is always the first column and the
first filter, so that nothing lets one tenant's data pass as another's. Looking at one object is recorded in that
tenant's audit log (PROMISES A5).
"""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from unfold.admin import ModelAdmin  # type: ignore[import-untyped]

from console.cells import NOTHING, Table
from tenants import audit
from tenants.models import Tenant, User
from tenants.scoping import tenant_context


def is_staff(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_active and request.user.is_staff


class TenantFilter(SimpleListFilter):
    title = "tenant"
    parameter_name = "tenant"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(tenant.pk), tenant.name) for tenant in Tenant.objects.using("staff").order_by("name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(tenant_id=self.value()) if self.value() in known else queryset


class ReadOnly:
    """What nobody may do in the console: staff look, customers act through the API."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return is_staff(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class TenantAdmin(ReadOnly, ModelAdmin):  # type: ignore[misc]  # unfold is untyped
    """One noun. After the tenant come `opens`, the column that leads to the row's page, and `columns`.

    `filters` follow the tenant's; `related` rows are fetched with each row.
    """

    opens: ClassVar[str] = "id"
    columns: ClassVar[Sequence[str]] = ()
    filters: ClassVar[Sequence[Any]] = ()
    related: ClassVar[Sequence[str]] = ()
    ordering = ("-pk",)
    actions = None
    empty_value_display = NOTHING
    list_per_page = 50
    show_full_result_count = False
    change_form_after_template = "console/tables.html"
    search_fields: ClassVar[Sequence[str]] = ("=id",)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return ["tenant", self.opens, *self.columns]

    def get_list_display_links(self, request: HttpRequest, list_display: Sequence[Any]) -> Sequence[Any]:
        return [self.opens]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [TenantFilter, *self.filters]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model.objects.unscoped(using="staff")
        return rows.select_related("tenant", *self.related).order_by(*self.ordering)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        """Every column of the row, the tenant first; `fields` narrows it."""
        return ["tenant", *(super().get_fields(request, obj) if self.fields else self._columns())]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return self.get_fields(request, obj)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if row is not None and is_staff(request):
            record_reading(request, row)
        context = {"tables": self.tables(row) if row else [], **(extra_context or {})}
        response: HttpResponse = super().change_view(request, object_id, form_url, context)
        return response

    def tables(self, row: Any) -> list[Table]:
        """What belongs to the row and is read with it, below its fields."""
        return []

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        raise Http404("The audit log is the history of tenants' things.")

    def _columns(self) -> list[str]:
        return [field.name for field in self.opts.fields if field.name != "tenant"]


def record_reading(request: HttpRequest, row: Model) -> None:
    """One line in the audit log of the tenant whose row is looked at."""
    tenant = row.pk if isinstance(row, Tenant) else row.tenant_id  # type: ignore[attr-defined]  # a TenantModel
    action = f"{type(row).__name__.lower()}.viewed"
    with tenant_context(tenant):
        audit.record(by=f"staff:{request.user.pk}", action=action, target=str(row.pk))
