"""What a deployment must not allow: deliveries to the machine itself."""

from typing import Any

from django.conf import settings
from django.core.checks import Error, Tags, register


@register(Tags.security)
def loopback_only_embedded(**_: Any) -> list[Error]:
    """W3: in production no webhook may reach a loopback address, whatever the environment says."""
    if not settings.WEBHOOKS_ALLOW_LOOPBACK or settings.MODE != "production":
        return []
    message = "Webhooks may reach this machine's own addresses, and in clear."
    hint = "Unset LANDFALL_WEBHOOKS_ALLOW_LOOPBACK; it is for LANDFALL_MODE=embedded and development."
    return [Error(message, hint=hint, id="webhooks.E001")]
