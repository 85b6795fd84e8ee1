"""A key's requests are counted and told; beyond the ceiling it waits, and nobody else does."""

from pytest_django import Settings

from tests.conftest import Person


def test_the_ceiling_is_told_and_holds_for_one_key_alone(alice: Person, charlie: Person, settings: Settings) -> None:
    settings.REQUESTS_PER_MINUTE = 3
    told = [alice.get("/v1/files") for _ in range(8)]  # the minute may turn once meanwhile, not twice
    refused = [answer for answer in told if answer.status_code == 429]
    assert len(refused) >= 2
    assert refused[0].json()["error"]["type"] == "rate_limit_error"
    assert 1 <= int(refused[0]["Retry-After"]) <= 60
    assert told[0]["RateLimit-Limit"] == "3"
    assert int(told[0]["RateLimit-Remaining"]) == 2
    assert charlie.get("/v1/files").status_code == 200
