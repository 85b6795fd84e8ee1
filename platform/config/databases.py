"""DATABASE_*_URL to Django's DATABASES: one alias a role, so that each process holds only the rights it needs.

`default` serves tenants (row-level security decides what it sees), `system` the workers' cross-tenant loops, `staff`
the console's reading, `owner` the migrations. A process that was not given a URL lacks the alias.
"""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

ALIASES = {
    "default": "DATABASE_URL",
    "system": "DATABASE_SYSTEM_URL",
    "staff": "DATABASE_STAFF_URL",
    "owner": "DATABASE_OWNER_URL",
}
CONNECT_TIMEOUT_S = 3  # a dead database is answered with 503 within five seconds
SESSION = "-c lock_timeout=10s -c statement_timeout=30s -c idle_in_transaction_session_timeout=60s"
UNHURRIED = "-c lock_timeout=30s"  # migrations may rewrite a table


def database(url: str, *, variable: str, pool: int | None) -> dict[str, Any]:
    """Django's settings of one alias. `pool` is the most connections this process keeps; None means no pool."""
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        parts = {}
    if not parts.get("dbname") or not parts.get("user"):
        raise ImproperlyConfigured(f"{variable} must look like postgresql://user:password@host:5432/database.")
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": UNHURRIED if variable == "DATABASE_OWNER_URL" else SESSION,
    }
    if "sslmode" in parts:
        options["sslmode"] = str(parts["sslmode"])
    if pool:
        options["pool"] = {"min_size": 0, "max_size": pool, "timeout": CONNECT_TIMEOUT_S + 1, "max_idle": 60.0}
    return {
        "ENGINE": "config.postgresql",
        "NAME": str(parts["dbname"]),
        "USER": str(parts["user"]),
        "PASSWORD": str(parts.get("password", "")),
        "HOST": str(parts.get("host", "")),
        "PORT": str(parts.get("port", "")),
        "OPTIONS": options,
        "CONN_HEALTH_CHECKS": False,  # the engine makes its own
        "TEST": {"MIRROR": None},
    }
