"""Ports and secrets of an installation: made once, kept, private."""

import json
import socket
from pathlib import Path

from embedded import place, ports, private

NAMES = ("web", "runtime", "postgres")


def test_ports_are_free_distinct_and_the_same_next_time(tmp_path: Path) -> None:
    first = ports.keep(tmp_path / "ports.json", NAMES)
    assert len(set(first.values())) == len(NAMES)
    assert all(ports.free(port) for port in first.values())
    assert ports.keep(tmp_path / "ports.json", NAMES) == first


def test_a_recorded_port_that_another_program_took_is_replaced_and_the_others_stay(tmp_path: Path) -> None:
    first = ports.keep(tmp_path / "ports.json", NAMES)
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", first["web"]))
        squatter.listen()
        second = ports.keep(tmp_path / "ports.json", NAMES)
    assert second["web"] != first["web"]
    assert {**second, "web": 0} == {**first, "web": 0}


def test_a_wanted_port_wins_over_the_record_and_is_recorded(tmp_path: Path) -> None:
    record = tmp_path / "ports.json"
    ports.keep(record, NAMES)
    assert ports.keep(record, NAMES, wanted={"web": 18_123})["web"] == 18_123
    assert ports.read(record)["web"] == 18_123


def test_no_two_parts_share_a_port_even_where_the_record_says_so(tmp_path: Path) -> None:
    record = tmp_path / "ports.json"
    record.write_text(json.dumps({"web": 25_000, "runtime": 25_000}))
    kept = ports.keep(record, ("web", "runtime"))
    assert kept["web"] != kept["runtime"]


def test_secrets_are_long_distinct_private_and_made_once(tmp_path: Path) -> None:
    record = tmp_path / "secrets.json"
    first = private.generate(record)
    assert set(first) == set(private.NAMES)
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 48
    assert record.stat().st_mode & 0o777 == 0o600
    assert private.generate(record) == first


def test_a_secret_that_a_newer_version_needs_is_added_to_the_old_ones(tmp_path: Path) -> None:
    record = tmp_path / "secrets.json"
    private.write(record, json.dumps({"postgres": "old"}))
    assert private.generate(record)["postgres"] == "old"
    assert set(private.generate(record)) == set(private.NAMES)


def test_a_private_file_is_replaced_whole_and_stays_private(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("old")
    file.chmod(0o644)
    private.write(file, "new")
    assert file.read_text() == "new"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["env"]


def test_an_installation_is_the_same_when_opened_again(tmp_path: Path) -> None:
    assert place.occupy(tmp_path, place.STORES) == place.occupy(tmp_path, place.STORES)
