"""/v1/erasures: one person's rows leave every data set, with a receipt."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.fields import StrictSerializer, Text, checked
from api.pagination import page
from tenants.views import TenantView
from training.models import Erasure
from training.services import erasures


class NewErasure(StrictSerializer):
    subject = Text(
        min_length=4, max_length=200, help_text="A mail address, name or number; every row with it in a text goes."
    )
    reason = Text(max_length=200, required=False, help_text="Kept with the receipt. Write nobody's name here.")


def render(row: Erasure) -> dict[str, Any]:
    """The subject itself is never repeated."""
    return {
        "id": row.id,
        "object": "erasure",
        "created_at": int(row.created_at.timestamp()),
        "livemode": row.job.livemode,
        "status": row.status,
        "reason": row.reason,
        "subject_digest": row.subject_digest,
        "job": row.job_id,
        "error": row.job.error,
        "receipt": row.receipt or None,
        "done_at": int(row.done_at.timestamp()) if row.done_at else None,
    }


class ErasuresView(TenantView):
    @extend_schema(operation_id="list_erasures", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        return Response(page(request, erasures.listed(), render))

    @extend_schema(operation_id="create_erasure", request=NewErasure, responses={202: schema.OBJECT})
    def post(self, request: Request) -> Response:
        """Takes every row that names the subject out of every version, and destroys the files they were read from."""
        asked = checked(NewErasure, request.data)
        row = erasures.create(
            by=self.by, subject=asked["subject"], reason=asked.get("reason", ""), live=self.principal.live
        )
        return Response(render(row), status=202)


class ErasureView(TenantView):
    @extend_schema(operation_id="get_erasure", responses=schema.OBJECT)
    def get(self, request: Request, erasure_id: str) -> Response:
        """How far it is; once done, the receipt: versions, files, models, and what could not be looked through."""
        return Response(render(erasures.get(erasure_id)))
