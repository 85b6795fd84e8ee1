"""/v1/files: OpenAI's files API."""

from typing import Any

from django.conf import settings
from django.http import QueryDict, StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.errors import ApiError
from api.pagination import page
from api.streaming import in_threads
from contracts.problems import Fault, Problem, echo
from tenants.idempotency import once
from tenants.scoping import tenant_context
from tenants.views import TenantView
from training.models import File
from training.models.file import PURPOSES
from training.services import files

FIELDS = frozenset({"file", "purpose"})


def render(row: File) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "file",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "filename": row.filename,
        "purpose": row.purpose,
        "bytes": row.bytes,
        "sha256": row.sha256,
        "status": "processed",
        "status_details": None,
        "expires_at": int(row.expires_at.timestamp()) if row.expires_at else None,
    }


class FilesView(TenantView):
    own_context = True  # an upload takes as long as it takes; no connection is held meanwhile
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="list_files", parameters=[*schema.PAGE, OpenApiParameter("purpose", str)], responses=schema.LIST
    )
    def get(self, request: Request) -> Response:
        with tenant_context(self.tenant):
            rows = files.listed(request.query_params.get("purpose"))
            return Response(page(request, rows, render, filters=frozenset({"purpose"})))

    @extend_schema(
        operation_id="create_file",
        request=schema.upload(purpose=f"What the file is for: {', '.join(PURPOSES)}."),
        responses=schema.OBJECT,
    )
    def post(self, request: Request) -> Response:
        """Upload a file as multipart: `file` and `purpose`. It is streamed to the object store."""
        if int(request.headers.get("Content-Length") or 0) > settings.UPLOAD_LIMIT_BYTES:
            raise ApiError(413, "file_too_large", f"A file may have at most {settings.UPLOAD_LIMIT_BYTES:,} bytes.")
        fields: QueryDict = request.data  # type: ignore[assignment]  # what a multipart parser makes
        if faults := _faults(request, fields):
            raise Problem.of(faults)
        sent = request.FILES["file"]
        stored = files.store(self.tenant, sent.chunks(), limit=settings.UPLOAD_LIMIT_BYTES)
        try:
            with tenant_context(self.tenant):
                answer = once(
                    request, lambda: self._added(stored, sent.name, str(fields["purpose"])), content=stored.sha256
                )
        except BaseException:
            files.discard(stored)
            raise
        if answer.data["id"] != stored.file:  # replayed: these bytes came a second time
            files.discard(stored)
        return answer

    def _added(self, stored: files.Stored, name: str | None, purpose: str) -> Response:
        row = files.add(by=self.by, stored=stored, filename=clean_name(name), purpose=purpose, live=self.principal.live)
        return Response(render(row))


def _faults(request: Request, fields: QueryDict) -> list[Fault]:
    faults, purpose = [], fields.get("purpose")
    if "file" not in request.FILES:
        faults.append(Fault(code="missing", message="Send the file as the multipart field 'file'.", param="file"))
    if purpose not in PURPOSES:
        code = "missing" if purpose is None else "invalid_choice"
        faults.append(Fault(code=code, message=f"purpose must be one of: {', '.join(PURPOSES)}.", param="purpose"))
    for name in fields:
        if name not in FIELDS:
            message = f"There is no field {echo(name)} here. Known fields: file, purpose."
            faults.append(Fault(code="unknown_field", message=message, param=name[:100]))
    return faults


def clean_name(name: str | None) -> str:
    """A name fit for headers, logs and pages; never used as a path."""
    return "".join(character for character in name or "" if character.isprintable())[-255:] or "file"


class FileView(TenantView):
    own_context = True

    @extend_schema(operation_id="get_file", responses=schema.OBJECT)
    def get(self, request: Request, file_id: str) -> Response:
        with tenant_context(self.tenant):
            return Response(render(files.get(file_id)))

    @extend_schema(operation_id="delete_file", responses=schema.OBJECT)
    def delete(self, request: Request, file_id: str) -> Response:
        deleted = files.delete(by=self.by, tenant=self.tenant, key=file_id)
        return Response({"id": deleted, "object": "file", "deleted": True})


class FileContentView(TenantView):
    own_context = True

    @extend_schema(operation_id="get_file_content", responses={(200, "application/octet-stream"): OpenApiTypes.BINARY})
    def get(self, request: Request, file_id: str) -> HttpResponseBase:
        """The bytes as they came, always as a download: what a customer uploaded is never shown as a page."""
        with tenant_context(self.tenant):
            row = files.get(file_id)
        response = StreamingHttpResponse(in_threads(files.content(row)), content_type="application/octet-stream")
        response["Content-Length"] = str(row.bytes)
        response["Content-Disposition"] = f'attachment; filename="{row.id}"'
        response["X-Content-Type-Options"] = "nosniff"
        return response
