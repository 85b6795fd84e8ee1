"""One attempt against real receivers that behave, misbehave and attack."""

import time

import pytest

from tests.webhooks import receiver as answers
from tests.webhooks.receiver import Answer, receiving, status
from webhooks import guard
from webhooks.sending import EXCERPT, Outcome, Sender

LOCAL = guard.Policy(loopback=True)
BODY = '{"id":"evt_1","text":"ünïcode"}'.encode()


async def sent(url: str, *, timeout_s: float = 5.0) -> Outcome:
    return await Sender(LOCAL, timeout_s=timeout_s).send(url, headers={"webhook-id": "evt_1"}, body=BODY)


async def test_the_receiver_gets_exactly_the_bytes_and_the_headers() -> None:
    with receiving(status(204)) as receiver:
        outcome = await sent(receiver.url + "?a=b")
    (request,) = receiver.requests
    assert (outcome.status, outcome.error) == (204, None)
    assert request.body == BODY
    assert request.path == "/hook?a=b"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["webhook-id"] == "evt_1"
    assert request.headers["host"] == receiver.url.split("/")[2]


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
async def test_every_2xx_is_success(code: int) -> None:
    with receiving(status(code)) as receiver:
        assert (await sent(receiver.url)).error is None


@pytest.mark.parametrize("code", [400, 401, 404, 410, 429, 500, 503])
async def test_every_other_status_is_a_failure_that_names_it(code: int) -> None:
    with receiving(status(code, body=b"no")) as receiver:
        outcome = await sent(receiver.url)
    assert (outcome.status, outcome.error, outcome.excerpt) == (code, "http_status", "no")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_is_a_failure_and_is_never_followed(code: int) -> None:
    with receiving() as inside, receiving(status(code, Location=inside.url)) as receiver:
        outcome = await sent(receiver.url)
    assert (outcome.status, outcome.error) == (code, "redirect_not_followed")
    assert len(receiver.requests) == 1
    assert inside.requests == []


@pytest.mark.parametrize("answer", [answers.hang, answers.trickle])
async def test_a_receiver_that_hangs_or_trickles_is_cut_off(answer: Answer) -> None:
    with receiving(answer) as receiver:
        outcome = await sent(receiver.url, timeout_s=0.5)
    assert (outcome.status, outcome.error) == (None, "timeout")


async def test_a_body_without_end_is_read_to_the_limit_and_no_further() -> None:
    with receiving(answers.flood) as receiver:
        outcome = await sent(receiver.url, timeout_s=20.0)
    assert outcome.error is None
    assert outcome.excerpt == "x" * EXCERPT


async def test_a_compressed_bomb_is_never_unpacked() -> None:
    with receiving(status(200, body=b"\x1f\x8b not gzip at all \0", Content_Encoding="gzip")) as receiver:
        outcome = await sent(receiver.url)
    assert outcome.error is None
    assert "not gzip at all" in outcome.excerpt
    assert "\0" not in outcome.excerpt


async def test_what_is_not_http_is_a_failure() -> None:
    with receiving(answers.nonsense) as receiver:
        assert (await sent(receiver.url)).error == "connection_lost"


async def test_a_closed_port_is_a_failure() -> None:
    with receiving() as receiver:
        closed = receiver.url
    assert (await sent(closed)).error == "connection_failed"


@pytest.mark.parametrize(("code", "expected"), [(429, 7), (502, 7), (504, 7), (500, None), (200, None)])
async def test_retry_after_is_kept_where_it_counts(code: int, expected: int | None) -> None:
    with receiving(status(code, Retry_After="7")) as receiver:
        assert (await sent(receiver.url)).retry_after_s == expected


async def test_a_proxy_of_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as proxy, receiving() as receiver:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await sent(receiver.url)).error is None
    assert proxy.requests == []
    assert len(receiver.requests) == 1


async def test_an_attempt_measures_its_time() -> None:
    started = time.monotonic()
    with receiving(answers.hang) as receiver:
        outcome = await sent(receiver.url, timeout_s=0.3)
    assert 300 <= outcome.duration_ms <= (time.monotonic() - started) * 1000
