"""Where customers' models answer, and which model answered when."""

from console import cells
from console.cells import Table, column, moment
from console.reading import TenantAdmin
from inference.models import Endpoint, Release


class EndpointAdmin(TenantAdmin):
    columns = ("name", "answering", "task_kind", "mode", "created")
    filters = ("task_kind", "livemode")
    search_fields = ("=id", "name")
    related = ("release__model",)
    fields = ("id", "name", "answering", "task_kind", "mode", "metadata", moment("created_at"))

    @column("answers with")
    def answering(self, row: Endpoint) -> str:
        return cells.to(row.release.model, row.release.model.name) if row.release else cells.NOTHING

    @column("mode", badges={"live": cells.BUSY})
    def mode(self, row: Endpoint) -> str:
        return "live" if row.livemode else "test"

    @column("created", ordering="created_at")
    def created(self, row: Endpoint) -> str:
        return cells.ago(row.created_at)

    def tables(self, row: Endpoint) -> list[Table]:
        releases = (
            Release.objects.unscoped(using="staff").filter(endpoint=row).select_related("model").order_by("-number")
        )
        rows = [
            (
                one.number,
                cells.to(one.model, one.model.name),
                cells.badge("answers now", {"answers now": cells.GOOD}) if one.pk == row.release_id else "",
                one.created_by,
                cells.ago(one.created_at),
            )
            for one in releases.order_by("-number")
        ]
        return [Table(title="Releases, newest first", headers=("Number", "Model", "", "By", "When"), rows=rows)]


class ReleaseAdmin(TenantAdmin):
    columns = ("endpoint", "number", "model", "created_by", "created")
    related = ("endpoint", "model", "replaced")
    search_fields = ("=id", "=endpoint__id", "=model__id")
    fields = ("id", "endpoint", "number", "model", "replaced", "created_by", moment("created_at"))

    @column("created", ordering="created_at")
    def created(self, row: Release) -> str:
        return cells.ago(row.created_at)
