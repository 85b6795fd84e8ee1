"""/v1/fine_tuning/jobs/{id}/checkpoints: OpenAI's list of the models on the way; each is used by its name."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.pagination import page
from tenants.views import TenantView
from training.models import Checkpoint
from training.services import checkpoints, fine_tunes


def render(row: Checkpoint) -> dict[str, Any]:
    """The whole validation split is judged each time: what is `valid_loss` here is OpenAI's `full_valid_loss`, too."""
    return {
        "id": row.id,
        "object": "fine_tuning.job.checkpoint",
        "created_at": int(row.created_at.timestamp()),
        "fine_tuning_job_id": row.job_id,
        "fine_tuned_model_checkpoint": row.name,
        "step_number": row.step,
        "metrics": {"step": row.step, **row.metrics, "full_valid_loss": row.metrics.get("valid_loss")},
    }


def as_model(row: Checkpoint) -> dict[str, Any]:
    created = int(row.created_at.timestamp())
    return {
        "id": row.name,
        "object": "model",
        "created_at": created,
        "created": created,
        "owned_by": "you",
        "metadata": {},
        "job": row.job_id,
        "metrics": row.metrics,
    }


class CheckpointsView(TenantView):
    @extend_schema(operation_id="list_fine_tuning_checkpoints", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, job_id: str) -> Response:
        """Newest first: the best of validation so far, and the two best before it."""
        rows = checkpoints.of(fine_tunes.ROWS.job(job_id))
        return Response(page(request, rows, render, by="step"))
