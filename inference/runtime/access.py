"""Who calls, and may they: the Authorization header to a `Principal` that may predict (RFC 6750)."""

from urllib.parse import parse_qs

from contracts.prediction import Principal
from inference.runtime.directory import CachedDirectory
from inference.runtime.http import Scope, header
from inference.runtime.refusal import Refusal

SCOPE = "predict"
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="landfall"'}
IN_URL = ("api_key", "key", "token", "access_token")


async def admitted(directory: CachedDirectory, scope: Scope) -> Principal:
    """Raises `Refusal` 400, 401 or 403. Says nothing of why a key is not accepted."""
    if scope["query_string"] and any(name in parse_qs(scope["query_string"].decode("latin-1")) for name in IN_URL):
        raise Refusal(400, "key_in_url", "Send the key in the Authorization header: addresses end up in logs.")
    value = header(scope, b"authorization")
    if not value:
        raise Refusal(401, "missing_key", "Send your API key: 'Authorization: Bearer lf_live_...'.", headers=CHALLENGE)
    scheme, _, secret = value.partition(" ")
    well_formed = scheme.lower() == "bearer" and "," not in secret  # a comma: two headers
    principal = await directory.authenticate(secret.strip()) if well_formed else None
    if principal is None:
        message = "This API key is malformed, unknown or revoked."
        raise Refusal(401, "invalid_key", message, headers=CHALLENGE)
    if SCOPE not in principal.scopes:
        message = f"This API key lacks the scope '{SCOPE}'; use one that has it."
        raise Refusal(403, "missing_scope", message)
    return principal
