"""A worker started wrongly refuses to start, and says why."""

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import redis
from django.conf import settings

from embedded.place import ROOT


def start(**changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
    environment |= {"DJANGO_SETTINGS_MODULE": "config.settings", **changes}
    celery = (sys.executable, "-m", "celery", "-A", "jobs.celery", "worker", "-I", "workers.cpu", "-Q", "cpu")
    return subprocess.run(
        (*celery, "-P", "threads", "-c", "1"), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.fixture
def evicting() -> Iterator[None]:
    with redis.Redis.from_url(settings.REDIS_URL) as broker:
        broker.config_set("maxmemory-policy", "allkeys-lru")
        yield
        broker.config_set("maxmemory-policy", "noeviction")


def test_without_the_role_that_claims() -> None:
    ended = start(DATABASE_SYSTEM_URL="")
    assert ended.returncode != 0
    assert "A worker needs DATABASE_SYSTEM_URL" in ended.stderr


def test_with_a_broker_that_evicts(evicting: None) -> None:
    ended = start()
    assert ended.returncode != 0
    assert "set maxmemory-policy to noeviction" in ended.stderr


def test_no_worker_process_loads_torch() -> None:
    heavy = "{'torch', 'transformers', 'polars'}"
    code = f"import jobs.celery, workers.gpu, workers.cpu, sys; print(*{heavy} & set(sys.modules))"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    told = subprocess.run(
        (sys.executable, "-c", code), env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert (told.stdout.strip(), told.returncode) == ("", 0)
