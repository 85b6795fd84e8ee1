"""The compose file: who may be reached, who holds which secret, and that none has a default."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from embedded import place, plan, stores
from tests.architecture.repository import ROOT

TEXT = (ROOT / "docker" / "compose.yaml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCESSES = ("web", "runtime", "gpu", "cpu", "courier", "clock")
SUBSTITUTED = re.compile(r"\$\{(\w+)([^}]*)\}")


def test_nothing_but_web_is_published() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["web"]
    assert SERVICES["web"]["ports"] == ["127.0.0.1:8000:8000"]


def test_only_web_and_the_courier_have_a_way_out() -> None:
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert [name for name, service in SERVICES.items() if "outside" in service["networks"]] == ["web", "courier"]


def test_each_process_gets_the_database_roles_of_the_one_machine_stack(tmp_path: Path) -> None:
    home = place.occupy(tmp_path, (*place.STORES, *plan.LISTENING), durable=False)
    made = plan.make(home, stores.settle(home, {}), {})
    parts = {part.name: part.env for stage in made.stages for part in stage}
    for name in PROCESSES:
        assert roles(SERVICES[name]["environment"]) == roles(parts[name]), name
    assert roles(SERVICES["prepare"]["environment"]) == roles(parts["migrate"])


def roles(environment: dict[str, str]) -> set[str]:
    return {name for name in environment if name.startswith("DATABASE_")}


def test_the_courier_which_calls_customers_addresses_holds_no_key_of_the_store() -> None:
    held = {name for name in PROCESSES if any(key.startswith("S3_") for key in SERVICES[name]["environment"])}
    assert held == {*PROCESSES} - {"courier"}


def test_every_secret_is_asked_for_and_none_has_a_default() -> None:
    defaults = {name: how for name, how in SUBSTITUTED.findall(TEXT) if not how.startswith(":?")}
    assert defaults == {"LANDFALL_BEHIND_PROXY": ":-0"}


def test_the_example_names_what_is_asked_for_and_answers_nothing() -> None:
    example = (ROOT / "docker" / "env.example").read_text().splitlines()
    named = [line for line in example if line and not line.startswith("#")]
    assert {line.partition("=")[0] for line in named} == {name for name, _ in SUBSTITUTED.findall(TEXT)}
    assert [line for line in named if not line.endswith("=")] == []


def test_every_image_has_a_version_and_ours_is_the_project_s() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    for name, service in SERVICES.items():
        image, _, tag = service["image"].rpartition(":")
        assert re.fullmatch(r"\d[\w.-]*", tag), name
        assert not image.startswith("landfall-") or tag == version


@pytest.mark.parametrize("name", ["prepare", *PROCESSES])
def test_our_processes_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_processes_start_once_everything_is_prepared() -> None:
    for name in PROCESSES:
        assert SERVICES[name]["depends_on"] == {"prepare": {"condition": "service_completed_successfully"}}
    assert {need["condition"] for need in SERVICES["prepare"]["depends_on"].values()} == {"service_healthy"}


def test_the_cpu_worker_s_command_is_that_of_the_one_machine_stack() -> None:
    assert SERVICES["cpu"]["command"] == list(plan.celery("cpu", threads=2)[1:])


def test_redis_keeps_every_hint_it_took() -> None:
    command = SERVICES["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
