"""Signatures by Standard Webhooks 1.0, and secrets that are derived, not stored.

A secret is HMAC-SHA256 over a random salt under a key of the service's own (`SECRET_KEY`): the database holds the
salt only, so a copy of it forges nothing. `SECRET_KEY_FALLBACKS` keeps secrets working while that key is replaced;
the fingerprint beside the salt says which key it was.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook

PREFIX = "whsec_"


class SecretKeyLost(RuntimeError):
    """No key of this deployment matches the fingerprint: the secret cannot be derived again."""


@dataclass(frozen=True, kw_only=True)
class Seed:
    """What is stored of a secret."""

    salt: str
    fingerprint: str  # of the service key it is derived from


def new_seed() -> Seed:
    return Seed(salt=secrets.token_hex(32), fingerprint=_fingerprint(settings.SECRET_KEY))


def secret(seed: Seed) -> str:
    """`whsec_` and 32 bytes in base64, as the customer is shown once; raises `SecretKeyLost`."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        if _fingerprint(key) == seed.fingerprint:
            derived = salted_hmac("webhooks.signing.secret", seed.salt, key, algorithm="sha256").digest()
            return PREFIX + base64.b64encode(derived).decode()
    raise SecretKeyLost("a webhook secret belongs to a SECRET_KEY that is no longer among SECRET_KEY_FALLBACKS")


def headers(*, message: str, body: bytes, at: datetime, seeds: Sequence[Seed]) -> dict[str, str]:
    """The three headers of one attempt; one signature a secret, so that a rotating receiver verifies with either."""
    signatures = [Webhook(secret(seed)).sign(message, at, body.decode()) for seed in seeds]
    return {
        "webhook-id": message,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def _fingerprint(key: str | bytes) -> str:
    return salted_hmac("webhooks.signing.fingerprint", "", key, algorithm="sha256").hexdigest()[:16]
