"""API keys: made, shown once, listed without their secret, revoked."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone

from api import keys
from api.errors import NotFound
from tenants import audit
from tenants.models import ApiKey, Tenant
from tenants.models.api_key import all_scopes
from tenants.scoping import tenant_context


@dataclass(frozen=True)
class Issued:
    """The only moment at which row and secret are together."""

    row: ApiKey
    secret: str


def issue(*, by: str, name: str, scopes: list[str] | None = None, live: bool = True) -> Issued:
    """Needs a tenant context."""
    secret = keys.mint(live=live)
    row = ApiKey.objects.create(
        name=name,
        digest=keys.digest(secret),
        prefix=secret[: keys.SHOWN_PREFIX],
        last_four=secret[-4:],
        scopes=all_scopes() if scopes is None else scopes,
        livemode=live,
    )
    audit.record(by=by, action="api_key.created", target=row.id, scopes=row.scopes)
    return Issued(row=row, secret=secret)


def issue_for(tenant: Tenant, *, by: str, name: str) -> Issued:
    with tenant_context(tenant.id):
        return issue(by=by, name=name)


def listed() -> QuerySet[ApiKey]:
    return ApiKey.objects.all()


def get(key: str) -> ApiKey:
    """Raises `NotFound` for an absent or foreign id."""
    row = ApiKey.objects.filter(id=key).first()
    if row is None:
        raise NotFound("API key", key)
    return row


def revoke(*, by: str, key: str) -> ApiKey:
    """From the next request on (in the runtime: within five seconds) the key is refused. Twice is as good as once."""
    row = get(key)
    if row.revoked_at is None:
        row.revoked_at = timezone.now()
        row.save(update_fields=["revoked_at"])
        audit.record(by=by, action="api_key.revoked", target=row.id)
    return row
