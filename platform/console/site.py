"""The console at /console/: who may enter, what is shown, where it begins."""

from typing import Any

from django.http import HttpRequest
from django.template.response import TemplateResponse
from unfold.sites import UnfoldAdminSite  # type: ignore[import-untyped]

from console import dashboards
from console.admins.inference import EndpointAdmin, ReleaseAdmin
from console.admins.jobs import JobAdmin
from console.admins.staff import StaffAdmin
from console.admins.tenants import ApiKeyAdmin, AuditLogAdmin, CompanyAdmin
from console.admins.training import (
    CompressionAdmin,
    DatasetAdmin,
    DatasetVersionAdmin,
    EvaluationAdmin,
    FineTuneAdmin,
    ModelAdmin,
    PretrainingAdmin,
)
from console.admins.webhooks import DeliveryAdmin, EventAdmin, WebhookEndpointAdmin
from console.reading import is_staff
from inference.models import Endpoint, Release
from jobs.models import Job
from tenants.models import ApiKey, AuditLog, Tenant, User
from training.models import CompressionJob, Dataset, DatasetVersion, Evaluation, FineTune, Model, Pretraining
from webhooks.models import Delivery, Event, WebhookEndpoint


class ConsoleSite(UnfoldAdminSite):  # type: ignore[misc]  # unfold is untyped
    site_title = site_header = "Landfall"
    index_title = "Overview"
    index_template = "console/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return is_staff(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        response: TemplateResponse = super().index(
            request, {"overview": dashboards.overview(), **(extra_context or {})}
        )
        return response


site = ConsoleSite(name="console")
site.register(Tenant, CompanyAdmin)
site.register(ApiKey, ApiKeyAdmin)
site.register(AuditLog, AuditLogAdmin)
site.register(Job, JobAdmin)
site.register(FineTune, FineTuneAdmin)
site.register(CompressionJob, CompressionAdmin)
site.register(Pretraining, PretrainingAdmin)
site.register(Dataset, DatasetAdmin)
site.register(DatasetVersion, DatasetVersionAdmin)
site.register(Model, ModelAdmin)
site.register(Evaluation, EvaluationAdmin)
site.register(Endpoint, EndpointAdmin)
site.register(Release, ReleaseAdmin)
site.register(WebhookEndpoint, WebhookEndpointAdmin)
site.register(Event, EventAdmin)
site.register(Delivery, DeliveryAdmin)
site.register(User, StaffAdmin)
