"""A row of every tenant-owned noun, and the list of those nouns as the application's registry has it."""

from datetime import timedelta
from typing import Any

from django.apps import apps
from django.db.models.functions import Now

from tenants.models import IdempotencyRecord, Member
from tenants.scoping import TenantForeignKey, TenantModel, tenant_context
from tests.conftest import Person
from tests.console.furniture import furnish
from training.models import (
    Checkpoint,
    Dataset,
    DatasetVersion,
    Erasure,
    Export,
    File,
    Model,
    ModelAlias,
    Upload,
    UploadPart,
)


def models() -> list[Any]:
    return [model for model in apps.get_models() if issubclass(model, TenantModel)]


def references() -> list[tuple[Any, TenantForeignKey]]:
    """Every column, primary keys apart, by which one tenant-owned row names another."""
    return [
        (model, field)
        for model in models()
        for field in model._meta.local_fields
        if isinstance(field, TenantForeignKey) and not field.primary_key
    ]


def one_of_each(person: Person, name: str) -> None:
    """`name` keeps what must be unique within a tenant apart. A model without a row here fails the tests by name."""
    furnish(person, name)
    with tenant_context(person.tenant.id):
        Member.objects.create(email=f"{name.lower()}@example.com")
        File.objects.create(
            filename="messages.csv", purpose="fine-tune", bytes=1, sha256="0" * 64, key=f"tenants/{person.tenant.id}/f"
        )
        upload = Upload.objects.create(
            filename="large.csv", purpose="fine-tune", mime_type="text/csv", bytes=1, expires_at=Now() + timedelta(1)
        )
        Erasure.objects.create(job=Dataset.objects.select_related("job").earliest("id").job, subject_digest="0" * 64)
        ModelAlias.objects.create(name="champion", model=(model := Model.objects.earliest("id")), task=model.task)
        Checkpoint.objects.create(job=model.job, model=model.id, step=9, metrics={}, prefix=model.prefix)
        version = DatasetVersion.objects.select_related("dataset__job").earliest("id")
        Export.objects.create(version=version, format="csv", job=version.dataset.job)
        UploadPart.objects.create(upload=upload, bytes=1, sha256="0" * 64)
        IdempotencyRecord.objects.create(key="key:1", fingerprint="0" * 64, status=200, body={})
