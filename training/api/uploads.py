"""/v1/uploads: OpenAI's uploads API, with addresses at the store itself beside it."""

from typing import Any

from django.http import QueryDict
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import Metadata, StrictSerializer, Text, Whole, checked
from contracts.problems import Fault, Problem, echo
from storage.presign import PUT_LIMIT
from tenants.idempotency import once
from tenants.scoping import tenant_context
from tenants.views import TenantView
from training.api import files as file_views
from training.models import Upload, UploadPart
from training.models.file import PURPOSES
from training.services import assembling, files, upload_parts, uploads
from training.services.upload_parts import AT_ONCE, MOST, PART_LIMIT

ENVELOPE = 65_536  # bytes that multipart may put around a part


class ExpiresAfter(StrictSerializer):
    anchor = serializers.ChoiceField(choices=["created_at"])
    seconds = Whole(min_value=3_600, max_value=2_592_000, help_text="Of the file, after its creation.")


class NewUpload(StrictSerializer):
    filename = Text(max_length=1_000, help_text="A name only, never a path.")
    purpose = serializers.ChoiceField(choices=PURPOSES)
    bytes = Whole(min_value=1, help_text="Of the whole file; the parts must add up to it.")
    mime_type = Text(max_length=255)
    expires_after = ExpiresAfter(required=False, help_text="When the file is deleted by itself; never if left out.")
    metadata = Metadata(required=False)


class Completion(StrictSerializer):
    part_ids = serializers.ListField(child=Text(max_length=40), allow_empty=False, max_length=MOST)
    md5 = serializers.RegexField(r"^[0-9a-fA-F]{32}$", required=False, help_text="Of the whole file, hexadecimal.")
    etags = serializers.DictField(
        child=Text(max_length=100),
        required=False,
        help_text="Part id to the ETag with which the store answered.",
    )


class Wish(StrictSerializer):
    parts = Whole(min_value=1, max_value=AT_ONCE, required=False, help_text="As many as it takes when left out.")
    part_size = Whole(min_value=1, max_value=PUT_LIMIT, default=PART_LIMIT, help_text="Bytes; the last may be smaller.")
    part_ids = serializers.ListField(
        child=Text(max_length=40), allow_empty=False, max_length=AT_ONCE, required=False,
        help_text="Instead: new addresses for parts presigned before.",
    )  # fmt: skip


def render(row: Upload) -> dict[str, Any]:
    return {
        "id": row.id,
        "object": "upload",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.livemode,
        "metadata": row.metadata,
        "filename": row.filename,
        "purpose": row.purpose,
        "mime_type": row.mime_type,
        "bytes": row.bytes,
        "status": row.status_now,
        "expires_at": int(row.expires_at.timestamp()),
        "file": file_views.render(row.file) if row.file else None,
    }


def render_part(row: UploadPart, *, stored: bool = True) -> dict[str, Any]:
    """`sha256` is known of parts that came through us."""
    return {
        "id": row.id,
        "object": "upload.part",
        "created_at": int(row.created_at.timestamp()),
        "upload_id": row.upload_id,
        "bytes": row.bytes,
        "sha256": row.sha256 or None,
        "status": "stored" if stored else "awaited",
    }


def render_address(address: upload_parts.Address) -> dict[str, Any]:
    part = address.part
    return {
        **render_part(part, stored=False),
        "method": "PUT",
        "url": address.url,
        "headers": {"Content-Length": str(part.bytes)},
        "url_expires_at": int(address.expires_at.timestamp()),
    }


class UploadsView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="create_upload", request=NewUpload, responses=schema.OBJECT)
    def post(self, request: Request) -> Response:
        """Begin the upload of a large file; its parts follow within 24 hours."""
        asked = checked(NewUpload, request.data)
        row = uploads.create(
            by=self.by, filename=file_views.clean_name(asked["filename"]), purpose=asked["purpose"],
            mime_type=asked["mime_type"], size=asked["bytes"], live=self.principal.live,
            file_seconds=asked.get("expires_after", {}).get("seconds"), metadata=asked.get("metadata"),
        )  # fmt: skip
        return Response(render(row))


class UploadView(TenantView):
    own_context = True  # the store may be asked

    @extend_schema(operation_id="get_upload", responses=schema.OBJECT)
    def get(self, request: Request, upload_id: str) -> Response:
        """The upload with its parts: after a lost connection, send those that are not `stored`."""
        with tenant_context(self.tenant):
            row = uploads.get(upload_id)
            parts = list(row.parts.order_by("id"))
            rendered = render(row)
        there = upload_parts.arrived(self.tenant, row, parts)
        return Response({**rendered, "parts": [render_part(part, stored=part.id in there) for part in parts]})


class UploadPartsView(TenantView):
    """Not `deduplicated`: two parts of a file may hold the same bytes, and one sent twice does no harm."""

    own_context = True  # a part takes as long as it takes; no connection is held meanwhile
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="create_upload_part",
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {"data": {"type": "string", "format": "binary"}},
                "required": ["data"],
            }
        },
        responses=schema.OBJECT,
    )
    def post(self, request: Request, upload_id: str) -> Response:
        """Send a part of at most 64 MiB as the multipart field `data`; in any order, several at a time."""
        with tenant_context(self.tenant):
            uploads.get(upload_id)
        if int(request.headers.get("Content-Length") or 0) > PART_LIMIT + ENVELOPE:
            raise upload_parts.too_large()
        fields: QueryDict = request.data  # type: ignore[assignment]  # what a multipart parser makes
        if faults := _faults(request, fields):
            raise Problem.of(faults)
        stored = upload_parts.store(self.tenant, upload_id, request.FILES["data"])
        try:
            with tenant_context(self.tenant):
                answer = once(
                    request,
                    lambda: Response(render_part(upload_parts.add(key=upload_id, stored=stored))),
                    content=stored.sha256,
                )
        except BaseException:
            upload_parts.discard(stored)
            raise
        if answer.data["id"] != stored.part:  # replayed: these bytes came a second time
            upload_parts.discard(stored)
        return answer


def _faults(request: Request, fields: QueryDict) -> list[Fault]:
    faults = []
    if "data" not in request.FILES:
        message = "Send the part's bytes as the multipart field 'data', with a file name."
        faults.append(Fault(code="missing", message=message, param="data"))
    for name in fields:
        if name != "data":
            message = f"There is no field {echo(name)} here. Known fields: data."
            faults.append(Fault(code="unknown_field", message=message, param=name[:100]))
    return faults


class PresignView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="presign_upload_parts", request=Wish, responses=schema.LIST)
    def post(self, request: Request, upload_id: str) -> Response:
        """Addresses at the object store, to which parts are PUT directly, within 15 minutes."""
        asked = checked(Wish, request.data)
        if "part_ids" not in asked:
            offered = upload_parts.offer(key=upload_id, count=asked.get("parts"), size=asked["part_size"])
        elif "parts" in asked:
            raise Problem(
                "one_of_two", "Give parts for new addresses or part_ids for renewed ones, not both.", param="parts"
            )
        else:
            offered = upload_parts.offer_again(key=upload_id, part_ids=asked["part_ids"])
        return Response({"object": "list", "data": [render_address(one) for one in offered]})


class CompleteView(TenantView):
    own_context = True  # putting the parts together takes as long as it takes

    @extend_schema(operation_id="complete_upload", request=Completion, responses=schema.OBJECT)
    def post(self, request: Request, upload_id: str) -> Response:
        """Make one file of the parts, in the order of `part_ids`; parts that it leaves out are dropped."""
        asked = checked(Completion, request.data)
        stored = assembling.assemble(
            self.tenant, upload_id, part_ids=asked["part_ids"], etags=asked.get("etags", {}),
            md5=asked["md5"].lower() if "md5" in asked else None,
        )  # fmt: skip
        try:
            with tenant_context(self.tenant):
                answer = once(
                    request,
                    lambda: Response(render(uploads.complete(by=self.by, key=upload_id, stored=stored))),
                    deduplicated=True,
                )
        except BaseException:
            if stored:
                files.discard(stored)
            raise
        if stored and answer.data["file"]["id"] != stored.file:  # replayed: another call was first
            files.discard(stored)
        return answer


class CancelUploadView(TenantView):
    deduplicated = True

    @extend_schema(operation_id="cancel_upload", request=None, responses=schema.OBJECT)
    def post(self, request: Request, upload_id: str) -> Response:
        """Give the upload up; the bytes of its parts are removed."""
        return Response(render(uploads.cancel(by=self.by, key=upload_id)))
