"""What PostgreSQL's folder looks like before and after accidents."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from embedded import postgres, services
from embedded.parts import PartFailed


def test_the_data_folder_is_closed_and_no_password_file_stays(tmp_path: Path) -> None:
    running = services.start(tmp_path)
    running.stop()
    assert (tmp_path / "postgres" / "data").stat().st_mode & 0o077 == 0
    assert [path.name for path in (tmp_path / "postgres").iterdir()] == ["data"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become another account to run PostgreSQL")
def test_below_a_folder_closed_to_others_root_still_starts_it_and_leaves_the_folder_closed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    running = services.start(closed / "state")
    with psycopg.connect(running.admin_url):
        pass
    running.stop()
    assert closed.stat().st_mode & 0o777 == 0o700


def test_an_initdb_cut_short_is_begun_anew(tmp_path: Path) -> None:
    leftover = tmp_path / "postgres" / "data.new"
    leftover.mkdir(parents=True)
    (leftover / "PG_VERSION").write_text("18\n")
    services.start(tmp_path).stop()


def test_a_lock_whose_pid_belongs_to_another_program_is_removed_and_a_servers_own_is_not(tmp_path: Path) -> None:
    lock = tmp_path / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n{tmp_path}\n")
    postgres.remove_stale_lock(tmp_path)
    assert not lock.exists()
    named = tmp_path / "postgres"
    named.symlink_to("/bin/sleep")
    with subprocess.Popen([named, "60"]) as server:
        lock.write_text(f"{server.pid}\n{tmp_path}\n")
        postgres.remove_stale_lock(tmp_path)
        assert lock.exists()
        server.kill()


def test_a_damaged_data_folder_is_named_with_the_servers_own_words_and_nothing_survives(tmp_path: Path) -> None:
    data = tmp_path / "postgres" / "data"
    data.mkdir(parents=True)
    with pytest.raises(PartFailed) as caught:
        services.start(tmp_path)
    assert caught.value.part == "postgres"
    assert caught.value.log_path == tmp_path / "logs" / "postgres.log"
    assert caught.value.log_path.read_text().strip().splitlines()[-1][:40] in caught.value.why
