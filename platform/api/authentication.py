"""From the Authorization header to a `Principal`: whose key, and what it may do.

The lookup happens before a tenant is known, so it goes through one SECURITY DEFINER function that takes a digest and
returns at most one row (tenants' first migration): the application's role cannot list keys.
"""

from uuid import UUID

from django.db import connection
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from api import keys
from api.errors import ApiError
from contracts.prediction import Principal

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="landfall"'}


def find(secret: str) -> Principal | None:
    """The principal behind a well-formed, known, unrevoked key. One indexed query."""
    if not keys.well_formed(secret):
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT tenant_id, id, scopes, livemode FROM landfall_key(%s)", [keys.digest(secret)])
        row = cursor.fetchone()
    if row is None:
        return None
    tenant, key, scopes, live = row
    return Principal(tenant=str(UUID(str(tenant))), key=key, scopes=frozenset(scopes), live=live)


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer lf_live_...` (RFC 6750)."""

    def authenticate(self, request: Request) -> tuple[Principal, None]:
        header = request.META.get("HTTP_AUTHORIZATION", "")
        if any(name in request.query_params for name in ("api_key", "key", "token", "access_token")):
            raise ApiError(400, "key_in_url", "Send the key in the Authorization header: addresses end up in logs.")
        if not header:
            raise ApiError(
                401, "missing_key", "Send your API key: 'Authorization: Bearer lf_live_...'.", headers=CHALLENGE
            )
        scheme, _, secret = header.partition(" ")
        principal = find(secret.strip()) if scheme.lower() == "bearer" and "," not in secret else None
        if principal is None:
            raise ApiError(401, "invalid_key", "This API key is malformed, unknown or revoked.", headers=CHALLENGE)
        return principal, None

    def authenticate_header(self, request: Request) -> str:
        return CHALLENGE["WWW-Authenticate"]


def principal_of(request: Request) -> Principal:
    """Who makes an authenticated request."""
    principal: Principal = request.user  # type: ignore[assignment]  # KeyAuthentication returns nothing else
    return principal
