"""Which stores this installation starts and which it is given, and the addresses of either.

DATABASE_URL, REDIS_URL or S3_ENDPOINT_URL in the environment means: that store is yours, use it as it is.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embedded import postgres, redis, s3
from embedded.parts import Part, PartFailed
from embedded.place import Place

DATABASE = "landfall"
APP, SYSTEM, STAFF, OWNER = "DATABASE_URL", "DATABASE_SYSTEM_URL", "DATABASE_STAFF_URL", "DATABASE_OWNER_URL"
ADMIN = "DATABASE_ADMIN_URL"  # the superuser, for provisioning alone
USERS = {APP: "landfall_app", SYSTEM: "landfall_system", STAFF: "landfall_staff", OWNER: "landfall_owner"}
S3 = ("S3_ENDPOINT_URL", "S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "S3_BUCKET")


@dataclass(frozen=True, kw_only=True)
class Stores:
    """`databases` maps a variable to the URL of one role: no process gets more of them than it needs."""

    databases: dict[str, str]
    others: dict[str, str]
    parts: tuple[Part, ...]


def settle(place: Place, given: Mapping[str, str]) -> Stores:
    """Creates what the embedded stores need on disk; raises `PartFailed` where a given store is given by halves."""
    parts = []
    if given.get(APP):
        databases = taken(given, "postgres", required=tuple(USERS), optional=(ADMIN,))
    else:
        parts.append(postgres.prepare(place))
        databases = {variable: postgres.url(place, user=user, database=DATABASE) for variable, user in USERS.items()}
        databases[ADMIN] = postgres.url(place, user=postgres.SUPERUSER, database=postgres.SUPERUSER)
    if given.get("REDIS_URL"):
        others = taken(given, "redis", required=("REDIS_URL",))
    else:
        parts.append(redis.prepare(place))
        others = {"REDIS_URL": redis.url(place)}
    if given.get("S3_ENDPOINT_URL"):
        others |= taken(given, "s3", required=S3, optional=("S3_REGION",))
    else:
        parts.append(s3.prepare(place))
        values = (s3.endpoint(place), place.secrets["s3_id"], place.secrets["s3_secret"], s3.BUCKET)
        others |= dict(zip(S3, values, strict=True))
    return Stores(databases=databases, others=others, parts=tuple(parts))


def taken(
    given: Mapping[str, str], store: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> dict[str, str]:
    missing = [name for name in required if not given.get(name)]
    if missing:
        why = f"{required[0]} is given, so {', '.join(missing)} must be given too."
        raise PartFailed(store, why, Path(os.devnull))
    return {name: given[name] for name in (*required, *optional) if given.get(name)}
