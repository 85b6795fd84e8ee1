"""Each misconfiguration is a system check with its id, and production does not start with one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from config import checks

ROOT = Path(__file__).parents[2]
GOOD = {
    "LANDFALL_MODE": "production",
    "LANDFALL_SECRET_KEY": "x" * 50,
    "LANDFALL_ALLOWED_HOSTS": "api.example.com",
    "LANDFALL_BASE_URL": "https://api.example.com",
    "LANDFALL_DEBUG": "0",
    "LANDFALL_WEBHOOKS_ALLOW_LOOPBACK": "0",
}
BAD = {
    "landfall.E001": {"LANDFALL_DEBUG": "1"},
    "landfall.E002": {"LANDFALL_SECRET_KEY": ""},
    "landfall.E003": {"LANDFALL_ALLOWED_HOSTS": "*"},
    "landfall.E005": {"LANDFALL_LEASE_S": "10", "LANDFALL_HEARTBEAT_S": "6"},
}


def checked(**changed: str) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, **GOOD, **changed, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "manage.py", "check", "--database", "default"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_a_production_that_is_in_order_is_content(migrated: None) -> None:
    told = checked()
    assert told.returncode == 0, told.stderr


@pytest.mark.parametrize("check", BAD)
def test_production_refuses_what_is_insecure_by_id(migrated: None, check: str) -> None:
    told = checked(**BAD[check])
    assert told.returncode != 0
    assert check in told.stderr
    assert "HINT" in told.stderr


def test_a_superusers_role_is_refused(migrated: None) -> None:
    told = checked(DATABASE_URL=os.environ["DATABASE_ADMIN_URL"])
    assert told.returncode != 0
    assert "landfall.E004" in told.stderr


def test_the_owner_of_the_tables_may_not_serve(migrated: None) -> None:
    told = checked(DATABASE_URL=os.environ["DATABASE_OWNER_URL"])
    assert "landfall.E004" in told.stderr


def test_every_serving_role_is_bound(database: None) -> None:
    assert checks.roles_are_bound_by_row_security(databases=[name for name in connections if name != "owner"]) == []


def started(**changed: str) -> "subprocess.CompletedProcess[str]":
    """The web process, which would serve until it is stopped."""
    environment = {**os.environ, **GOOD, **changed, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "uvicorn", "config.onebox:app", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True) as process:
        said = ""
        for line in process.stderr or ():
            said += line
            if "Uvicorn running" in line:
                process.terminate()
    return subprocess.CompletedProcess(command, process.returncode, stderr=said)


def test_the_web_process_serves_with_a_role_of_its_own_alone(migrated: None) -> None:
    assert "Uvicorn running" in started().stderr
    for role in ("ADMIN", "OWNER"):
        told = started(DATABASE_URL=os.environ[f"DATABASE_{role}_URL"])
        assert told.returncode != 0
        assert "landfall.E004" in told.stderr
        assert "Uvicorn running" not in told.stderr


def test_no_process_begins_with_an_insecure_setting(migrated: None) -> None:
    for module in ("config.onebox", "workers.clock", "workers.courier", "workers.runtime", "jobs.celery"):
        environment = {**os.environ, **GOOD, "LANDFALL_SECRET_KEY": "", "DJANGO_SETTINGS_MODULE": "config.settings"}
        told = subprocess.run(
            [sys.executable, "-c", f"import {module}"], cwd=ROOT, env=environment, capture_output=True, check=False
        )
        assert told.returncode != 0, module
        assert b"landfall.E002" in told.stderr, module


def test_in_the_embedded_mode_a_short_key_is_no_fault(settings: Settings) -> None:
    settings.MODE, settings.SECRET_KEY = "embedded", "short"
    assert checks.secret_key_is_ours() == []
    settings.MODE = "production"
    assert [fault.id for fault in checks.secret_key_is_ours()] == ["landfall.E002"]
