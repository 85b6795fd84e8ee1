"""What `manage.py logs` prints."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from embedded import logs


class Enough(Exception):
    """Ends a following that would go on for ever."""


def test_the_last_lines_of_one_log_come_bare(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("one\ntwo\nthree\n")
    said: list[str] = []
    logs.show([log], lines=2, follow=False, say=said.append)
    assert said == ["two", "three"]


def test_lines_of_several_logs_carry_their_part(tmp_path: Path) -> None:
    for name in ("web", "gpu"):
        (tmp_path / f"{name}.log").write_text(f"{name} speaks\n")
    said: list[str] = []
    logs.show([tmp_path / "web.log", tmp_path / "gpu.log"], lines=5, follow=False, say=said.append)
    assert [line.split() for line in said] == [["web", "|", "web", "speaks"], ["gpu", "|", "gpu", "speaks"]]


def test_following_prints_whole_new_lines_only(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("new\nhalf a li")
    assert logs.since(log, 0) == (["new"], 4)
    assert logs.since(log, 4) == ([], 4)


def test_following_goes_on_and_starts_over_where_a_log_was_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_text("a long first line\n")
    said: list[str] = []

    def say(line: str) -> None:
        said.append(line)
        if len(said) == 2:
            raise Enough
        log.write_text("afresh\n")

    with pytest.raises(Enough):
        logs.show([log], lines=5, follow=True, say=say)
    assert said == ["a long first line", "afresh"]


def test_an_unknown_part_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "web.log").write_text("hello\n")
    with pytest.raises(CommandError, match="No log of wbe; there are: web"):
        call_command("logs", "wbe", state=tmp_path)
    with pytest.raises(CommandError, match="there are: none"):
        call_command("logs", state=tmp_path / "never")
