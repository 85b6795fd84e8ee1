"""A production deployment that lets webhooks reach itself does not pass its checks."""

import pytest
from django.core import checks
from django.test import override_settings


@pytest.mark.parametrize(
    ("mode", "loopback", "found"),
    [
        ("production", True, ["webhooks.E001"]),
        ("production", False, []),
        ("embedded", True, []),
        ("development", True, []),
    ],
)
def test_loopback_deliveries_are_refused_in_production_alone(mode: str, *, loopback: bool, found: list[str]) -> None:
    with override_settings(MODE=mode, WEBHOOKS_ALLOW_LOOPBACK=loopback):
        told = checks.run_checks(tags=[checks.Tags.security])
    assert [one.id for one in told if (one.id or "").startswith("webhooks.")] == found
