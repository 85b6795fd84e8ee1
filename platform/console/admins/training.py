"""What customers uploaded, what was learnt from it, and the report of each model."""

from collections.abc import Sequence
from typing import Any

from django.contrib.admin.utils import unquote
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse

from console import cells
from console.cells import Table, column, moment
from console.reading import TenantAdmin, record_reading
from storage import blobs
from training.models import CompressionJob, Dataset, DatasetVersion, FineTune, Model, Pretraining, Trial
from training.services import models

STATUSES = {"processing": cells.BUSY, "ready": cells.GOOD, "rejected": cells.BAD}
# The report holds a customer's texts: it may be looked at, but nothing in it may run or reach out.
REPORT_POLICY = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"


class DatasetAdmin(TenantAdmin):
    columns = ("name", "standing", "mode", "created")
    filters = ("status", "livemode")
    search_fields = ("=id", "name")
    related = ("job", "file")
    fields = ("id", "name", "standing", "file", "job", "told", "mode", "metadata", moment("created_at"))

    @column("status", ordering="status", badges=STATUSES)
    def standing(self, row: Dataset) -> str:
        return str(row.status)

    @column("mode", badges={"live": cells.BUSY})
    def mode(self, row: Dataset) -> str:
        return "live" if row.livemode else "test"

    @column("error as the customer reads it")
    def told(self, row: Dataset) -> str:
        return cells.pretty(row.error)

    @column("created", ordering="created_at")
    def created(self, row: Dataset) -> str:
        return cells.ago(row.created_at)

    def tables(self, row: Dataset) -> list[Table]:
        versions = DatasetVersion.objects.unscoped(using="staff").filter(dataset=row).order_by("-number")
        rows = [
            (cells.to(one), one.number, one.rows.get("total"), len(one.report["labels"]), cells.ago(one.created_at))
            for one in versions
        ]
        return [Table(title="Versions", headers=("Version", "Number", "Rows", "Labels", "Created"), rows=rows)]


class DatasetVersionAdmin(TenantAdmin):
    columns = ("dataset", "number", "total", "labels", "created")
    related = ("dataset",)
    search_fields = ("=id", "=dataset__id", "=sha256")
    fields = ("id", "dataset", "number", "task_kind", "total", "sha256", "prefix", "doctor", moment("created_at"))

    @column("rows")
    def total(self, row: DatasetVersion) -> str:
        return ", ".join(f"{split} {count}" for split, count in row.rows.items())

    @column("labels")
    def labels(self, row: DatasetVersion) -> int:
        return len(row.labels)

    @column("report of the data doctor")
    def doctor(self, row: DatasetVersion) -> str:
        return cells.pretty(row.report)

    @column("created", ordering="created_at")
    def created(self, row: DatasetVersion) -> str:
        return cells.ago(row.created_at)


class FineTuneAdmin(TenantAdmin):
    """The wish; the job beside it says how it went."""

    opens = "job"
    columns = ("task", "base_model", "method", "dataset", "endpoint")
    filters = ("method", "base_model")
    related = ("job", "task", "dataset")
    search_fields = ("=job__id", "=task__id", "=dataset__id")
    fields = (
        "job", "task", "dataset", "training_file", "base_model", "method", "wishes", "sought", "seed", "suffix",
        "endpoint",
    )  # fmt: skip

    @column("hyperparameters")
    def wishes(self, row: FineTune) -> str:
        return cells.pretty(row.hyperparameters)

    @column("search")
    def sought(self, row: FineTune) -> str:
        return cells.pretty(row.search)

    def tables(self, row: FineTune) -> list[Table]:
        trials = Trial.objects.unscoped(using="staff").filter(fine_tune=row).select_related("job").order_by("number")
        rows = [(one.number, cells.to(one.job), one.state, one.value, cells.pretty(one.parameters)) for one in trials]
        return [Table(title="Trials", headers=("Number", "Job", "State", "Value", "Parameters"), rows=rows)]


class CompressionAdmin(TenantAdmin):
    """The wish and the figures; the job beside it says how it went."""

    opens = "job"
    columns = ("source", "task", "method")
    related = ("job", "task", "dataset_version")
    search_fields = ("=job__id", "=source", "=task__id")
    fields = ("job", "task", "source", "dataset_version", "wish", "measured", "suffix")

    @column("method")
    def method(self, row: CompressionJob) -> str:
        return str(row.compression["method"])

    @column("compression")
    def wish(self, row: CompressionJob) -> str:
        return cells.pretty(row.compression)

    @column("measured")
    def measured(self, row: CompressionJob) -> str:
        return cells.pretty(row.result)


class PretrainingAdmin(TenantAdmin):
    """The wish; the job beside it says how it went."""

    opens = "job"
    columns = ("objective", "base_model", "tokenizer", "dataset")
    filters = ("objective", "base_model")
    related = ("job", "dataset")
    search_fields = ("=job__id", "=dataset__id")
    fields = ("job", "dataset", "training_file", "base_model", "objective", "tokenizer", "wishes", "seed", "suffix")

    @column("hyperparameters")
    def wishes(self, row: Pretraining) -> str:
        return cells.pretty(row.hyperparameters)


class EvaluationAdmin(TenantAdmin):
    """The question; the job beside it says how it went."""

    opens = "job"
    columns = ("model", "against", "dataset_version")
    related = ("job",)
    search_fields = ("=job__id", "=model", "=against")
    fields = ("job", "model", "against", "dataset_version")


class ModelAdmin(TenantAdmin):
    columns = ("name", "task", "base_model", "figures", "report", "created")
    filters = ("base_model", "task_kind")
    related = ("task", "dataset_version__dataset", "job")
    search_fields = ("=id", "name", "=task__id", "=job__id")
    fields = (
        "id",
        "name",
        "version",
        "task",
        "base_model",
        "dataset_version",
        "job",
        "report",
        "measured",
        "prefix",
        "metadata",
        moment("created_at"),
    )

    @column("figures")
    def figures(self, row: Model) -> str:
        numbers = {name: value for name, value in row.summary.items() if isinstance(value, float)}
        return ", ".join(f"{name} {value:.3g}" for name, value in list(numbers.items())[:2]) or cells.NOTHING

    @column("report")
    def report(self, row: Model) -> str:
        return cells.link(reverse("console:model_report", args=[row.pk]), "open")

    @column("measured")
    def measured(self, row: Model) -> str:
        return cells.pretty(row.summary)

    @column("created", ordering="created_at")
    def created(self, row: Model) -> str:
        return cells.ago(row.created_at)

    def get_urls(self) -> Sequence[URLPattern]:
        view = self.admin_site.admin_view(self.report_view)
        return [path("<path:object_id>/report/", view, name="model_report"), *super().get_urls()]

    def report_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The engine's own page about one model, out of the object store."""
        row: Any = self.get_object(request, unquote(object_id))
        if row is None:
            raise Http404("There is no such model.")
        record_reading(request, row)
        try:
            page = models.report(row, form="html")
        except blobs.Missing as error:
            raise Http404("This model has no report.") from error
        return HttpResponse(page, headers={"Content-Security-Policy": REPORT_POLICY})
