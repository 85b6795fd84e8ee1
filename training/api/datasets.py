"""/v1/datasets: a file becomes an immutable, split, checked version."""

from dataclasses import fields
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, Number, StrictSerializer, Text, Whole, checked
from api.pagination import by_metadata, page
from contracts.cleaning import STEPS, Step, faults_of
from contracts.ingestion import DOCUMENTS, FORMATS, METHODS, IngestionSpec, SplitSpec, Written
from contracts.problems import Fault, Problem
from contracts.task import DATASET_TYPES, TEXT_CLASSIFICATION, roles_of
from jobs.models import Job
from tenants.views import TenantView
from training.api import reports
from training.models import Dataset, DatasetVersion
from training.services import base_models, datasets, files

MOST_ROLES, LONGEST_NAME = 20, 200
WRITTEN = tuple(field.name for field in fields(Written))


class Split(StrictSerializer):
    method = serializers.ChoiceField(choices=METHODS, default="ratio", help_text="How rows are told apart.")
    column = Text(max_length=200, required=False, help_text="For group, time and column: your column.")
    train = Number(default=0.8, min_value=0.05, max_value=1)
    validation = Number(default=0.1, min_value=0, max_value=0.9)
    test = Number(default=0.1, min_value=0, max_value=0.9)
    seed = Whole(default=0, min_value=0, max_value=2**31 - 1)
    folds = Whole(default=0, min_value=0, max_value=20, help_text="Numbers rows outside the test for cross-validation.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if abs(attrs["train"] + attrs["validation"] + attrs["test"] - 1) > 1e-6:
            raise serializers.ValidationError("train, validation and test must add up to 1.", code="shares_sum")
        if (attrs["method"] == "ratio") == ("column" in attrs):
            raise serializers.ValidationError("group, time and column need 'column'; ratio has none.", code="bad_split")
        return attrs


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "oneOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
    }
)
class Columns(serializers.Field[dict[str, Any], Any, Any, Any]):
    """Role -> the customer's column; for `features` a list of columns."""

    default_error_messages = {
        "wrong_type": 'Map a role to your column, such as {"text": "message"}; features to a list of columns.'
    }

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        if not isinstance(data, dict) or len(data) > MOST_ROLES:
            self.fail("wrong_type")
        return {str(role): self._names(names) for role, names in data.items()}

    def to_representation(self, value: Any) -> Any:
        return value

    def _names(self, names: object) -> str | tuple[str, ...]:
        if isinstance(names, str) and 0 < len(names) <= LONGEST_NAME:
            return names
        if not (isinstance(names, list) and names and all(isinstance(each, str) and each for each in names)):
            self.fail("wrong_type")
        return tuple(names)


class StepIn(StrictSerializer):
    """A cleaning step by name; `contracts.cleaning.STEPS` says what each does."""

    name = Text(max_length=40, help_text=f"One of: {', '.join(STEPS)}.")
    rows = serializers.ListField(child=Whole(min_value=1), required=False, help_text="For drop_rows: source rows.")
    labels = serializers.DictField(
        child=Text(max_length=200), required=False, help_text="For relabel: old label to new."
    )
    languages = serializers.ListField(
        child=Text(max_length=3), required=False, help_text="For keep_language: codes such as en and zh."
    )


class Derivation(StrictSerializer):
    steps = StepIn(many=True)
    split = Split(required=False)


def steps_of(data: list[dict[str, Any]], *, param: str) -> tuple[Step, ...]:
    """Raises `Problem` with every fault of every step."""
    steps = tuple(
        Step(
            name=each["name"], rows=tuple(each.get("rows", ())), labels=each.get("labels", {}),
            languages=tuple(each.get("languages", ())),
        )
        for each in data
    )  # fmt: skip
    if faults := faults_of(steps, prefix=param):
        raise Problem.of(faults)
    return steps


class KeptFor(StrictSerializer):
    anchor = serializers.ChoiceField(choices=["created_at"])
    seconds = Whole(min_value=3_600, max_value=315_360_000, help_text="From an hour to ten years.")


class NewDataset(StrictSerializer):
    file = Text(max_length=40, help_text="Id of an uploaded file.")
    name = Text(max_length=100, required=False, help_text="The file's name when left out.")
    type = serializers.ChoiceField(
        choices=DATASET_TYPES, default=TEXT_CLASSIFICATION, help_text="Task type it is read for, or unlabelled."
    )
    columns = Columns(required=False, help_text='Role to your column, e.g. {"text": "message"}.')
    base_model = Text(max_length=100, required=False, help_text="As which base model texts are counted in tokens.")
    label_separator = Text(max_length=5, required=False, help_text="Parts the labels of a cell that holds several.")
    format = serializers.ChoiceField(choices=FORMATS, required=False, help_text="Found out when left out.")
    encoding = Text(max_length=40, required=False, help_text="Confirms an encoding other than UTF-8.")
    sheet = Text(max_length=100, required=False, help_text="Sheet of a workbook; the first when left out.")
    header = serializers.BooleanField(
        required=False, help_text="false: the first row is data; columns are column_1 ..."
    )
    delimiter = serializers.CharField(
        max_length=1, required=False, trim_whitespace=False, help_text="Parts the cells; found out when left out."
    )
    quotes = serializers.BooleanField(required=False, help_text="false: quotes are characters like others.")
    fit = serializers.BooleanField(required=False, help_text="true: rows of another length are fitted.")
    document = serializers.ChoiceField(choices=DOCUMENTS, required=False, help_text="Of plain text: line or file.")
    cleaning = StepIn(many=True, required=False)
    split = Split(required=False)
    expires_after = KeptFor(required=False, help_text="When it is deleted by itself, unless in use; never if left out.")
    metadata = Metadata(required=False)


def render(row: Dataset) -> dict[str, Any]:
    version = datasets.current_version(row)
    return {
        "id": row.id,
        "object": "dataset",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "name": row.name,
        "status": row.status,
        "file": row.file_id,
        "job": row.job_id,
        "version": version.id if version else None,
        "rows": version.rows if version else None,
        "report": version.report if version else None,
        "error": row.error,
        "derivation": render_derivation(row.derivation),
        "expires_at": int(row.expires_at.timestamp()) if row.expires_at else None,
    }


def render_derivation(job: Job | None) -> dict[str, Any] | None:
    return {"job": job.id, "status": job.state, "error": job.error} if job else None


def render_version(row: DatasetVersion) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "dataset.version",
        "created_at": int(row.created_at.timestamp()),
        "dataset": row.dataset_id,
        "number": row.number,
        "type": row.task_kind,
        "form": row.form,
        "sha256": row.sha256,
        "rows": row.rows,
        "parent": row.parent_id,
        "steps": row.steps,
        "erased_rows": row.erased_rows,
    }


class DatasetsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="list_datasets", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, by_metadata(request, datasets.listed()), render))

    @extend_schema(operation_id="create_dataset", request=NewDataset, responses={202: schema.OBJECT})
    def post(self, request: Request) -> Response:
        """Reads, checks, splits and freezes a file. Poll it, or wait for `dataset.ready` or `dataset.rejected`."""
        asked = checked(NewDataset, request.data)
        columns, roles = asked.get("columns", {}), roles_of(asked["type"])
        if unknown := [role for role in columns if role not in roles]:
            message = f"{asked['type']} knows the columns {', '.join(roles)}."
            raise Problem.of([Fault(code="unknown_field", message=message, param=f"columns.{r}") for r in unknown])
        if asked.get("base_model") and (faults := base_models.faults_of(asked["base_model"], param="base_model")):
            raise Problem.of(faults)
        file = files.get(asked["file"])
        spec = IngestionSpec(
            source="upload", filename=file.filename, task_kind=asked["type"], format=asked.get("format"),
            written=Written(**{name: asked[name] for name in WRITTEN if name in asked}), columns=columns,
            label_separator=asked.get("label_separator"), base_model=asked.get("base_model"),
            split=SplitSpec(**asked.get("split", {})), steps=steps_of(asked.get("cleaning", []), param="cleaning"),
        )  # fmt: skip
        row = datasets.create(
            by=self.by, file=file, name=asked.get("name", file.filename)[:100], spec=spec, live=self.principal.live,
            metadata=asked.get("metadata"), seconds=asked.get("expires_after", {}).get("seconds"),
        )  # fmt: skip
        return Response(render(row), status=202)


class DatasetView(TenantView):
    @extend_schema(operation_id="get_dataset", responses=schema.OBJECT)
    def get(self, request: Request, dataset_id: str) -> Response:
        return Response(render(datasets.get(dataset_id)))

    @extend_schema(operation_id="delete_dataset", responses=schema.OBJECT)
    def delete(self, request: Request, dataset_id: str) -> Response:
        datasets.delete(by=self.by, key=dataset_id)
        return Response({"id": dataset_id, "object": "dataset.deleted", "deleted": True})


class DatasetReportView(TenantView):
    @extend_schema(operation_id="get_dataset_report", parameters=[reports.PARAMETER], responses=reports.RESPONSES)
    def get(self, request: Request, dataset_id: str) -> HttpResponseBase:
        """The data doctor's findings, with row numbers: as JSON, or as a page with drawings."""
        form = reports.asked_format(request)
        version = datasets.ready_version(datasets.get(dataset_id))
        if form == "html":
            return reports.answer(datasets.page(version), form)
        return Response({"object": "dataset.report", "id": version.id, **version.report})


class DatasetIssuesView(TenantView):
    @extend_schema(operation_id="list_dataset_issues", responses=schema.LIST)
    def get(self, request: Request, dataset_id: str) -> Response:
        """What the data doctor found in the newest version, the rows of each finding, and the step that mends it."""
        version = datasets.ready_version(datasets.get(dataset_id))
        rows = datasets.issues(version)
        found = [{**finding, "rows": rows.get(finding["code"], [])} for finding in version.report["findings"]]
        return Response({"object": "list", "version": version.id, "data": found, "has_more": False})


class DatasetRowsView(TenantView):
    @extend_schema(operation_id="preview_dataset_rows", responses=schema.LIST)
    def get(self, request: Request, dataset_id: str) -> Response:
        """The first hundred rows of the newest version."""
        version = datasets.ready_version(datasets.get(dataset_id))
        more = version.rows["total"] > len(rows := datasets.preview(version))
        return Response({"object": "list", "version": version.id, "data": rows, "has_more": more})


class DatasetDownloadView(TenantView):
    @extend_schema(
        operation_id="download_dataset",
        parameters=[OpenApiParameter("version", str, description="The newest when left out.")],
        responses=schema.OBJECT,
    )
    def get(self, request: Request, dataset_id: str) -> Response:
        """A version's Parquet file: an address straight at the store, good for fifteen minutes, without a key."""
        dataset = datasets.get(dataset_id)
        asked = request.query_params.get("version")
        version = datasets.ready_version(dataset) if asked is None else datasets.version_of(dataset, asked)
        answer = {"object": "dataset.download", "version": version.id, "format": "parquet", "sha256": version.sha256}
        return Response({**answer, **datasets.download(version)})


class DatasetDeriveView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="derive_dataset", request=Derivation, responses={202: schema.OBJECT})
    def post(self, request: Request, dataset_id: str) -> Response:
        """Cleans the newest version into the next one. `derivation` tells how far it is; the old version stays."""
        asked = checked(Derivation, request.data)
        split = SplitSpec(**asked["split"]) if "split" in asked else None
        row = datasets.derive(
            by=self.by, key=dataset_id, steps=steps_of(asked["steps"], param="steps"), split=split,
            live=self.principal.live,
        )  # fmt: skip
        return Response(render(row), status=202)


class DatasetVersionsView(TenantView):
    @extend_schema(operation_id="list_dataset_versions", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, dataset_id: str) -> Response:
        return Response(page(request, datasets.get(dataset_id).versions.all(), render_version))
