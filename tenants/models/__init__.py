"""Who owns what: companies, their people, their keys, and the record of what was done."""

from tenants.models.api_key import SCOPES, ApiKey
from tenants.models.audit import AuditLog
from tenants.models.idempotency import IdempotencyRecord
from tenants.models.tenant import Member, Tenant
from tenants.models.user import User

__all__ = ["SCOPES", "ApiKey", "AuditLog", "IdempotencyRecord", "Member", "Tenant", "User"]
