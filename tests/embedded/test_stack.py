"""`up` and `down` where something is in the way. The whole stack at work is a journey (tests/journeys)."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from embedded import addresses, private, stack
from embedded.parts import PartFailed
from embedded.place import ROOT
from tests.embedded.processes_of import gone

OURS_TO_START = ("DATABASE_URL", "REDIS_URL", "S3_ENDPOINT_URL")


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own stores must not count as given ones."""
    for name in OURS_TO_START:
        monkeypatch.delenv(name, raising=False)


def test_a_store_that_cannot_start_is_named_and_no_other_survives(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "data").mkdir(parents=True)
    with pytest.raises(PartFailed) as caught:
        stack.up(tmp_path, print)
    assert caught.value.part == "postgres"
    assert "could not access the server configuration file" in caught.value.why
    assert gone(tmp_path)


def test_a_folder_that_cannot_hold_the_data_is_named(tmp_path: Path) -> None:
    (tmp_path / "s3").write_text("a file where a folder should be")
    with pytest.raises(PartFailed, match=f"File exists: .*{tmp_path}/s3"):
        stack.up(tmp_path, print)
    with pytest.raises(PartFailed, match="Not a directory"):
        stack.up(tmp_path / "s3" / "state", print)
    assert gone(tmp_path)


def test_down_is_content_where_nothing_runs(tmp_path: Path) -> None:
    said: list[str] = []
    stack.down(tmp_path, said.append)
    stack.down(tmp_path / "never", said.append)
    assert said == ["Landfall is not running."] * 2


def test_a_taken_port_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        monkeypatch.setenv("LANDFALL_PORT", str(port))
        with pytest.raises(PartFailed, match=f"port {port} is taken .* LANDFALL_PORT"):
            stack.up(tmp_path, print)
    assert gone(tmp_path)


@pytest.mark.parametrize("nonsense", ["eighty", "0", "65536", "-1", "8080.5"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nonsense: str) -> None:
    monkeypatch.setenv("LANDFALL_PORT", nonsense)
    with pytest.raises(PartFailed, match="must be a port number"):
        stack.up(tmp_path, print)


def test_the_command_says_which_part_why_and_where_its_log_is(tmp_path: Path) -> None:
    """A database that answers to nobody: the migration is the first to notice."""
    environment = {
        **{name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"},
        **{f"DATABASE_{role}URL": "postgresql://u:p@127.0.0.1:1/none" for role in ("", "SYSTEM_", "STAFF_", "OWNER_")},
    }
    environment.pop("DATABASE_ADMIN_URL", None)
    command = [sys.executable, "manage.py", "up", "--state", str(tmp_path)]
    told = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert told.returncode == 1
    assert "migrate did not start" in told.stderr
    assert "Connection refused" in told.stderr
    assert str(tmp_path / "logs" / "migrate.log") in told.stderr
    assert "Everything else was stopped" in told.stderr
    assert gone(tmp_path)


def test_the_addresses_file_is_what_the_issue_promises_and_private(tmp_path: Path) -> None:
    (tmp_path / "ports.json").write_text('{"web": 25123}')
    seed = '{"acme_key": "a", "globex_key": "g", "staff_user": "s@example", "staff_password": "p"}'
    private.write(tmp_path / "seed.json", seed)
    path = addresses.write(tmp_path, addresses.read(tmp_path))
    assert path.read_text().splitlines() == [
        "LANDFALL_BASE_URL=http://127.0.0.1:25123",
        "LANDFALL_API_KEY=a",
        "LANDFALL_OTHER_API_KEY=g",
        "LANDFALL_CONSOLE_URL=http://127.0.0.1:25123/console/",
        "LANDFALL_STAFF_USER=s@example",
        "LANDFALL_STAFF_PASSWORD=p",
    ]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_down_command_says_what_it_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("down", state=tmp_path)
    assert "not running" in capsys.readouterr().out
