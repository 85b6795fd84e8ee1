"""When a failed delivery is tried again."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from webhooks import schedule


@pytest.mark.parametrize(
    ("attempt", "seconds"), [*enumerate((5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400), 1)]
)
def test_each_wait_is_the_planned_one_or_up_to_a_tenth_longer(attempt: int, seconds: int) -> None:
    waits = [schedule.delay_after(attempt) for _ in range(200)]
    assert all(wait is not None and seconds <= wait.total_seconds() <= seconds * 1.1 for wait in waits)
    assert len(set(waits)) > 1


def test_after_the_tenth_attempt_there_is_no_other() -> None:
    assert schedule.ATTEMPTS == 10
    assert schedule.delay_after(10) is None


def test_a_receiver_may_ask_for_a_longer_wait_but_not_a_shorter_one_nor_one_without_end() -> None:
    assert schedule.delay_after(1, retry_after_s=120) == timedelta(seconds=120)
    longer = schedule.delay_after(2, retry_after_s=1)
    assert longer is not None
    assert longer >= timedelta(minutes=5)
    assert schedule.delay_after(1, retry_after_s=10**8) == timedelta(days=1)


@pytest.mark.parametrize("status", [429, 502, 504])
def test_retry_after_counts_where_the_receiver_is_overloaded(status: int) -> None:
    assert schedule.retry_after_s(status, "120") == 120
    in_a_minute = format_datetime(datetime.now(UTC) + timedelta(minutes=1), usegmt=True)
    assert 50 <= (schedule.retry_after_s(status, in_a_minute) or 0) <= 61


@pytest.mark.parametrize(
    ("status", "header"), [(500, "120"), (200, "9"), (429, None), (429, "soon"), (429, "-5"), (429, "9" * 99)]
)
def test_any_other_retry_after_is_ignored(status: int, header: str | None) -> None:
    assert schedule.retry_after_s(status, header) is None


def test_a_retry_after_in_the_past_asks_for_no_wait() -> None:
    assert schedule.retry_after_s(429, "Wed, 21 Oct 2015 07:28:00 GMT") == 0
