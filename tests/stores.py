"""The embedded PostgreSQL, Redis and S3 server that the whole test session shares.

Started once, by the process that runs pytest; pytest-xdist's workers inherit the addresses and take a database, a
Redis number and a bucket of their own. Tools that only read the settings (mypy's plugin) get addresses of nothing.
"""

import atexit
import dataclasses
import json
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from embedded import services

INHERITED = "LANDFALL_TEST_STORES"
PASSWORD = "only-for-tests"
NOWHERE = {
    "admin_url": "postgresql://admin@127.0.0.1:1/postgres",
    "redis_url": "redis://127.0.0.1:1/0",
    "s3_endpoint_url": "http://127.0.0.1:1",
    "s3_access_key_id": "nobody",
    "s3_secret_access_key": PASSWORD,
}


def environment() -> dict[str, str]:
    """What `config.settings` reads, for this pytest process."""
    stores = _stores() if "PYTEST_VERSION" in os.environ else NOWHERE
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    database = f"landfall_{worker}"
    state = Path(stores.get("folder", tempfile.gettempdir())) / worker
    return {
        "LANDFALL_MODE": "embedded",
        "LANDFALL_STATE": str(state),
        "LANDFALL_SECRET_KEY": "a-secret-key-that-only-the-tests-use-0123456789",
        "LANDFALL_ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
        "LANDFALL_WEBHOOKS_ALLOW_LOOPBACK": "1",
        "DATABASE_ADMIN_URL": stores["admin_url"],
        **{
            f"DATABASE_{variable}URL": _as(stores["admin_url"], user=f"landfall_{role}", database=database)
            for variable, role in (("", "app"), ("OWNER_", "owner"), ("SYSTEM_", "system"), ("STAFF_", "staff"))
        },
        "REDIS_URL": f"{stores['redis_url'].rsplit('/', 1)[0]}/{int(worker.removeprefix('gw') or 0) % 16}",
        "S3_ENDPOINT_URL": stores["s3_endpoint_url"],
        "S3_ACCESS_KEY_ID": stores["s3_access_key_id"],
        "S3_SECRET_ACCESS_KEY": stores["s3_secret_access_key"],
        "S3_BUCKET": f"landfall-{worker}",
    }


def _stores() -> dict[str, str]:
    if INHERITED in os.environ:
        inherited: dict[str, str] = json.loads(os.environ[INHERITED])
        return inherited
    folder = Path(tempfile.mkdtemp(prefix="landfall-tests-"))
    started = services.start(folder / "stores")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    atexit.register(started.stop)
    fields = dataclasses.asdict(dataclasses.replace(started, running=()))
    stores = {name: value for name, value in fields.items() if isinstance(value, str)} | {"folder": str(folder)}
    os.environ[INHERITED] = json.dumps(stores)
    return stores


def _as(url: str, *, user: str, database: str) -> str:
    """The same server as another role, in another database."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, f"{user}:{PASSWORD}@{host}", f"/{database}", parts.query, ""))
