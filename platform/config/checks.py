"""What a deployment must not get wrong, as Django system checks with ids.

`manage.py check --database default` runs them, and in production every process before it serves (`config.gate`);
docs/operations.md explains each.
"""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

Checked = list[CheckMessage]


@register(Tags.security)
def debug_is_off(**kwargs: Any) -> Checked:
    if settings.MODE == "production" and settings.DEBUG:
        return [Error("LANDFALL_DEBUG is on in production.", hint="Unset LANDFALL_DEBUG.", id="landfall.E001")]
    return []


@register(Tags.security)
def secret_key_is_ours(**kwargs: Any) -> Checked:
    weak = settings.SECRET_KEY == settings.INSECURE_SECRET_KEY or len(settings.SECRET_KEY) < 32
    if settings.MODE == "production" and weak:
        hint = "Set it to 50 random characters; every process gets the same."
        return [Error("LANDFALL_SECRET_KEY is missing or too short.", hint=hint, id="landfall.E002")]
    return []


@register(Tags.security)
def hosts_are_named(**kwargs: Any) -> Checked:
    if settings.MODE == "production" and (not settings.ALLOWED_HOSTS or "*" in settings.ALLOWED_HOSTS):
        hint = "Name the host of LANDFALL_BASE_URL."
        return [Error("LANDFALL_ALLOWED_HOSTS is empty or '*'.", hint=hint, id="landfall.E003")]
    return []


@register(Tags.security)
def lease_outlasts_heartbeats(**kwargs: Any) -> Checked:
    if settings.LEASE_S < 2 * settings.HEARTBEAT_S:
        hint = "One late heartbeat would lose the job: make the lease at least twice the heartbeat."
        return [Error("LANDFALL_LEASE_S is shorter than two heartbeats.", hint=hint, id="landfall.E005")]
    return []


@register(Tags.database)  # type: ignore[type-var]  # the stubs know no check of databases
def roles_are_bound_by_row_security(databases: list[str] | None = None, **kwargs: Any) -> Checked:
    return [fault for alias in databases or [] for fault in role_faults(connections[alias])]


def role_faults(connection: BaseDatabaseWrapper) -> Checked:
    """A superuser, a BYPASSRLS role or a table's owner would walk through the wall in the database."""
    if connection.alias == "owner":
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper OR rolbypassrls OR EXISTS "
            "(SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user) "
            "FROM pg_roles WHERE rolname = current_user"
        )
        if not cursor.fetchone()[0]:
            return []
    hint = "Run `manage.py provision`; give each process the URL of its own role."
    message = (
        f"The database role behind '{connection.alias}' is a superuser, bypasses row-level security or owns tables."
    )
    return [Error(message, hint=hint, id="landfall.E004")]
