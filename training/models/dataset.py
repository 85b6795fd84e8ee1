"""A data set and its immutable versions."""

from django.db import models

from contracts import ids
from tenants.scoping import TenantForeignKey, TenantModel


def _dataset_id() -> str:
    return ids.new("ds")


def new_version_id() -> str:
    return ids.new("dsv")


class Dataset(TenantModel):
    """What a file becomes: `processing` until its ingestion job ends, then `ready` or, with an error, `rejected`.

    Further versions are derived from it by jobs of their own; one that fails leaves the data set as it was.
    """

    class Status(models.TextChoices):
        PROCESSING = "processing"
        READY = "ready"
        REJECTED = "rejected"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_dataset_id, editable=False)
    name = models.CharField(max_length=100)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROCESSING)
    file = TenantForeignKey("training.File", models.SET_NULL, null=True, related_name="+")
    job = TenantForeignKey("jobs.Job", models.PROTECT, related_name="+")
    derivation = TenantForeignKey("jobs.Job", models.PROTECT, null=True, related_name="+")  # the newest one
    error = models.JSONField(null=True)  # the customer's words: code, message, errors
    livemode = models.BooleanField(default=True)
    metadata = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)  # the clock deletes it then, unless it is in use; None: never

    class Meta:
        indexes = [
            models.Index(fields=["tenant", "-id"], name="dataset_newest_first"),
            models.Index(fields=["expires_at"], name="dataset_to_expire", condition=models.Q(expires_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status="rejected", error__isnull=False)
                | (~models.Q(status="rejected") & models.Q(error__isnull=True)),
                name="dataset_rejected_has_error",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(TenantModel):
    """One frozen Parquet file with its splits. Another cut of the data is another version; only an erasure takes rows
    out of one that is there.

    `sha256` covers the logical content; `prefix` is the folder in the object store that holds
    data.parquet, issues.json, preview.json and report.json; `report` is `contracts.ingestion.DatasetReport`. A version
    that was derived names its `parent` and the `steps` (`contracts.cleaning.Step`) that lead from one to the other.
    """

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=new_version_id, editable=False)
    dataset = TenantForeignKey("training.Dataset", related_name="versions")
    number = models.PositiveIntegerField(default=1)
    task_kind = models.CharField(max_length=40)
    prefix = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    rows = models.JSONField()
    report = models.JSONField()
    erased_rows = models.PositiveIntegerField(default=0)  # that an erasure took out: the one way a version changes
    parent = TenantForeignKey("self", models.PROTECT, null=True, related_name="+")
    steps = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "dataset", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.dataset_id} v{self.number}"

    @property
    def form(self) -> str | None:
        """Of its kind; None for one read before kinds had forms, which is in the usual one."""
        form: str | None = self.report.get("form")
        return form

    @property
    def labels(self) -> list[str]:
        """Every label of the version, sorted: the default label set of a task on it."""
        return sorted(self.report["labels"])
