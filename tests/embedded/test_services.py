"""Real PostgreSQL, Redis and S3 server: started, asked, stopped."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import psycopg
import pytest
import redis
from botocore.config import Config
from botocore.exceptions import ClientError
from redis.backoff import NoBackoff
from redis.retry import Retry

from embedded import services
from embedded.services import Services
from tests.embedded.processes_of import alive, gone


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("services")


@pytest.fixture(scope="module")
def started(folder: Path) -> Iterator[Services]:
    running = services.start(folder)
    yield running
    running.stop()


def s3_client(running: Services, *, secret: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=running.s3_endpoint_url,
        aws_access_key_id=running.s3_access_key_id,
        aws_secret_access_key=secret,
        region_name="us-east-1",
        config=Config(retries={"max_attempts": 1}),
    )


def test_postgres_is_version_18_and_lets_its_superuser_in_with_the_password(started: Services) -> None:
    with psycopg.connect(started.admin_url) as connection:
        assert connection.info.server_version // 10_000 == 18
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (True,)


def test_postgres_refuses_a_wrong_password_and_has_no_socket_to_come_in_by(started: Services) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(started.admin_url, password="wrong")
    with psycopg.connect(started.admin_url) as connection:
        assert connection.execute("SHOW unix_socket_directories").fetchone() == ("",)
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)


def test_redis_asks_for_its_password_and_never_evicts_a_queued_hint(started: Services) -> None:
    with redis.Redis.from_url(started.redis_url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    port = urlsplit(started.redis_url).port
    assert port is not None
    with redis.Redis(port=port, retry=Retry(NoBackoff(), 0)) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_the_s3_server_keeps_objects_and_refuses_a_wrong_secret(started: Services) -> None:
    client = s3_client(started, secret=started.s3_secret_access_key)
    client.put_object(Bucket=started.s3_bucket, Key="folder/file", Body=b"bytes")
    assert client.get_object(Bucket=started.s3_bucket, Key="folder/file")["Body"].read() == b"bytes"
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        s3_client(started, secret="wrong").list_buckets()


def test_no_secret_stands_in_the_list_of_processes_or_in_a_readable_file(started: Services, folder: Path) -> None:
    secrets = json.loads((folder / "secrets.json").read_text())
    listed = " ".join(alive(folder))
    assert listed
    assert not [name for name, secret in secrets.items() if secret in listed]
    for path in (folder / "secrets.json", folder / "redis" / "redis.conf"):
        assert path.stat().st_mode & 0o077 == 0
    assert (folder / "s3").stat().st_mode & 0o077 == 0


def test_a_second_installation_runs_beside_the_first(started: Services, tmp_path: Path) -> None:
    other = services.start(tmp_path)
    try:
        assert other.admin_url != started.admin_url
        with psycopg.connect(other.admin_url), psycopg.connect(started.admin_url):
            pass
    finally:
        other.stop()
    assert gone(tmp_path)


def test_a_restart_keeps_addresses_and_data_and_a_durable_one_syncs(tmp_path: Path) -> None:
    first = services.start(tmp_path)
    with psycopg.connect(first.admin_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("off",)
        connection.execute("CREATE TABLE kept (id int)")
    first.stop()
    assert gone(tmp_path)
    second = services.start(tmp_path, durable=True)
    try:
        assert second.admin_url == first.admin_url
        with psycopg.connect(second.admin_url) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)
            assert connection.execute("SHOW fsync").fetchone() == ("on",)
    finally:
        second.stop()


def test_a_killed_parent_takes_its_stores_along(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib; from embedded import services\n"
        "services.start(pathlib.Path(sys.argv[1])); print('up', flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"up\n"
        assert len(alive(tmp_path)) > 3
        os.kill(parent.pid, signal.SIGKILL)
    assert gone(tmp_path)
    services.start(tmp_path).stop()  # and what they left behind hinders no later start
