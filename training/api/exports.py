"""/v1/datasets/{id}/exports and /v1/exports: a version in a format that other programs open."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import StrictSerializer, Text, checked
from api.pagination import page
from contracts.exporting import FORMATS
from tenants.views import TenantView
from training.models import Export
from training.services import datasets, exports


class NewExport(StrictSerializer):
    format = serializers.ChoiceField(choices=FORMATS)
    version = Text(max_length=40, required=False, help_text="The newest when left out.")


def render(row: Export) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "dataset.export",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.job.livemode,
        "version": row.version_id,
        "format": row.format,
        "status": row.status,
        "job": row.job_id,
        "error": row.job.error,
        "neutralised": row.neutralised,
    }


class DatasetExportsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="create_export", request=NewExport, responses={202: schema.OBJECT})
    def post(self, request: Request, dataset_id: str) -> Response:
        """Writes a version as CSV or JSON lines. Cells that a spreadsheet would run get an apostrophe before them."""
        dataset = datasets.get(dataset_id)
        asked = checked(NewExport, request.data)
        key = asked.get("version")
        version = datasets.ready_version(dataset) if key is None else datasets.version_of(dataset, key)
        row = exports.create(by=self.by, version=version, form=asked["format"], live=self.principal.live)
        return Response(render(row), status=202)


class ExportsView(TenantView):
    @extend_schema(operation_id="list_exports", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, exports.listed(), render))


class ExportView(TenantView):
    @extend_schema(operation_id="get_export", responses=schema.OBJECT)
    def get(self, request: Request, export_id: str) -> Response:
        return Response(render(exports.get(export_id)))


class ExportDownloadView(TenantView):
    @extend_schema(operation_id="download_export", responses=schema.OBJECT)
    def get(self, request: Request, export_id: str) -> Response:
        """An address straight at the store, good for fifteen minutes, without a key."""
        row = exports.get(export_id)
        return Response({**render(row), **exports.address(row)})
