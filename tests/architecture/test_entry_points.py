"""Every process loads what it needs and nothing of another's: measured in processes of their own."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from tests.architecture.repository import ROOT

HEAVY = ["torch", "transformers", "peft", "sklearn", "polars", "matplotlib", "numpy", "optuna"]
# The web process needs boto3 only when bytes move, Celery never: no request speaks to the broker.
ENTRY_POINTS = {
    "config.onebox": [*HEAVY, "boto3", "celery", "redis"],
    "config.wsgi": [*HEAVY, "boto3", "celery", "redis"],
    "workers.courier": [*HEAVY, "boto3", "celery"],
    "workers.clock": HEAVY,
    "jobs.celery, workers.gpu": HEAVY,
    "jobs.celery, workers.cpu": HEAVY,
}
WEB_CEILING_MIB = 100

REPORT = """
import json, sys
import django; django.setup()
import {modules}
from django.urls import get_resolver
if "config" in "{modules}":
    get_resolver().url_patterns
import psutil
print(json.dumps({{"modules": sorted(sys.modules), "rss_mib": psutil.Process().memory_info().rss / 2**20}}))
"""


@pytest.fixture(scope="module")
def started() -> dict[str, dict[str, Any]]:
    """What each entry point has loaded once it is ready, and its memory; they start side by side."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    running = {
        modules: subprocess.Popen(
            [sys.executable, "-c", REPORT.format(modules=modules)], cwd=ROOT, env=environment, stdout=subprocess.PIPE
        )
        for modules in ENTRY_POINTS
    }
    return {modules: json.loads(process.communicate()[0]) for modules, process in running.items()}


@pytest.mark.parametrize("modules", ENTRY_POINTS)
def test_it_loads_only_what_it_may(started: dict[str, dict[str, Any]], modules: str) -> None:
    assert sorted(set(ENTRY_POINTS[modules]) & set(started[modules]["modules"])) == []


def test_the_web_process_stays_small(started: dict[str, dict[str, Any]]) -> None:
    assert started["config.onebox"]["rss_mib"] < WEB_CEILING_MIB
    assert "training.api.files" in started["config.onebox"]["modules"], "the routes were not loaded"


def test_celery_is_told_to_read_json_alone() -> None:
    from jobs.celery import app

    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.task_serializer == "json"
