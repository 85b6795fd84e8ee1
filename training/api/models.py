"""/v1/models: OpenAI's models API over base models and a tenant's own, and the evaluation report."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api import schema
from api.pagination import by_metadata, page
from contracts.fine_tune import BaseModel
from contracts.task import TASK_TYPES
from tenants.scoping import tenant_context
from tenants.views import TenantView
from training.api import reports
from training.api.checkpoints import as_model
from training.models import Checkpoint, Model
from training.services import base_models, models

# The report is our own page with our own inline style; nothing in it may run or reach out.
REPORT_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:"


def render(row: Model) -> dict[str, Any]:
    created = int(row.created_at.timestamp())
    return {
        "id": row.id,
        "object": "model",
        "created_at": created,
        "created": created,
        "livemode": row.livemode,
        "metadata": row.metadata,
        "owned_by": "you",
        "name": row.name,
        "version": row.version,
        "type": row.task_kind,
        "base_model": row.base_model,
        "task": row.task_id,
        "dataset_version": row.dataset_version_id,
        "job": row.job_id,
        "aliases": sorted(alias.name for alias in row.aliases.all()),
        "metrics": row.summary,
    }


def render_base(base: BaseModel) -> dict[str, Any]:
    """`types`: of the tasks that it is for."""
    return {
        "id": base.name,
        "object": "model",
        "created_at": 0,
        "created": 0,
        "owned_by": "landfall",
        "metadata": {},
        "types": [kind for kind in TASK_TYPES if base.fits(kind)],
    }


class ModelsView(TenantView):
    @extend_schema(operation_id="list_models", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request) -> Response:
        """Own models, newest first; the last page ends with the base models."""
        found = page(request, by_metadata(request, models.listed()), render)
        if not found["has_more"]:
            found["data"] += [render_base(base) for _, base in sorted(base_models.catalogue().items())]
        return Response(found)


class ModelView(TenantView):
    @extend_schema(operation_id="get_model", responses=schema.OBJECT)
    def get(self, request: Request, model_id: str) -> Response:
        if base := base_models.catalogue().get(model_id):
            return Response(render_base(base))
        found = models.files_of(model_id)
        return Response(as_model(found) if isinstance(found, Checkpoint) else render(found))

    @extend_schema(operation_id="delete_model", responses=schema.OBJECT)
    def delete(self, request: Request, model_id: str) -> Response:
        models.delete(by=self.by, key=model_id)
        return Response({"id": model_id, "object": "model", "deleted": True})


class ModelVersionsView(TenantView):
    @extend_schema(operation_id="list_model_versions", parameters=schema.PAGE, responses=schema.LIST)
    def get(self, request: Request, model_id: str) -> Response:
        """Every model of the same task, newest first; of a base model, every base of the same data set."""
        return Response(page(request, models.versions(models.get(model_id)), render))


class ModelDownloadView(TenantView):
    own_context = True

    @extend_schema(operation_id="download_model", responses=schema.OBJECT)
    def get(self, request: Request, model_id: str) -> Response:
        """The model's files, as transformers loads them: each an address straight at the store, good for fifteen
        minutes, without a key."""
        with tenant_context(self.tenant):
            model = models.files_of(model_id)
        return Response({"object": "model.download", "model": model_id, "files": models.download(model)})


class ModelReportView(TenantView):
    own_context = True

    @extend_schema(operation_id="get_model_report", parameters=[reports.PARAMETER], responses=reports.RESPONSES)
    def get(self, request: Request, model_id: str) -> HttpResponseBase:
        """The evaluation on the held-out test split beside the baseline."""
        form = reports.asked_format(request)
        with tenant_context(self.tenant):
            model = models.get(model_id)
        return reports.answer(models.report(model, form=form), form)
