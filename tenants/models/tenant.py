"""A customer company and its people."""

from uuid import UUID

from django.db import models
from ulid import ULID

from contracts import ids
from tenants.scoping import TenantModel


def new_tenant_id() -> UUID:
    return ULID().to_uuid()


def _member_id() -> str:
    return ids.new("member")


class Tenant(models.Model):
    """A customer company: the unit of ownership, isolation, quota and billing."""

    id = models.UUIDField(primary_key=True, default=new_tenant_id, editable=False)
    name = models.CharField(max_length=100)
    slug = models.SlugField(max_length=50, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.name


class Member(TenantModel):
    """A person of a customer company. What they may do follows from the role."""

    class Role(models.TextChoices):
        OWNER = "owner"
        DEVELOPER = "developer"
        VIEWER = "viewer"

    id = models.CharField(primary_key=True, max_length=ids.LENGTH, default=_member_id, editable=False)
    email = models.EmailField()
    role = models.CharField(max_length=10, choices=Role.choices, default=Role.DEVELOPER)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tenant", "email"], name="one_member_per_address")]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"
