"""W3: no socket ever reaches a non-public address, whatever a name resolves to and whenever it changes its mind."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.webhooks.certificates import authority
from tests.webhooks.receiver import receiving
from webhooks import guard
from webhooks.network import NameUnknown, resolve
from webhooks.sending import Outcome, Sender

STRICT, LOCAL = guard.Policy(), guard.Policy(loopback=True)
Resolve = Callable[[str, int], Awaitable[list[str]]]


def names(*answers: list[str]) -> Resolve:
    """A name server that gives these answers in turn, the last one for good."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve


async def sent(url: str, policy: guard.Policy, resolve: Resolve) -> Outcome:
    return await Sender(policy, timeout_s=3.0, resolve=resolve).send(url, headers={}, body=b"{}")


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["10.0.0.1"],
        ["169.254.169.254"],
        ["::ffff:127.0.0.1"],
        ["fe80::1%eth0"],
        ["8.8.8.8", "127.0.0.1"],
        ["127.0.0.1", "8.8.8.8"],
        ["2606:4700::1111", "fd00::1"],
    ],
)
async def test_a_name_that_leads_inside_even_in_part_is_refused(addresses: list[str]) -> None:
    outcome = await sent("https://hooks.example.com/", STRICT, names(addresses))
    assert (outcome.status, outcome.error) == (None, "address_not_allowed")


async def test_no_connection_is_opened_to_a_refused_address() -> None:
    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        refused = await sent(f"http://localhost:{port}/", LOCAL, names(["127.0.0.1", "10.0.0.1"]))
        assert refused.error == "address_not_allowed"
        assert receiver.requests == []
        # the negative control: the same receiver is reached as soon as the wall allows it
        assert (await sent(f"http://localhost:{port}/", LOCAL, names(["127.0.0.1"]))).error is None
        assert len(receiver.requests) == 1


async def test_a_stored_url_is_judged_again_before_every_attempt() -> None:
    with receiving() as receiver:
        outcome = await sent(receiver.url, STRICT, names(["127.0.0.1"]))
    assert outcome.error == "https_required"
    assert receiver.requests == []


async def test_a_name_is_looked_up_once_so_that_it_cannot_change_between_check_and_connection() -> None:
    """DNS rebinding: the second answer would lead inside, and is never asked for."""
    lookups: list[str] = []

    async def rebinding(host: str, port: int) -> list[str]:
        lookups.append(host)
        return ["127.0.0.1"] if len(lookups) == 1 else ["10.0.0.1"]

    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        assert (await sent(f"http://localhost:{port}/", LOCAL, rebinding)).error is None
    assert lookups == ["localhost"]


async def test_a_name_that_flips_inside_later_is_refused_then() -> None:
    flipping = names(["127.0.0.1"], ["192.168.0.1"])
    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        sender = Sender(LOCAL, timeout_s=3.0, resolve=flipping)
        first = await sender.send(f"http://localhost:{port}/", headers={}, body=b"{}")
        second = await sender.send(f"http://localhost:{port}/", headers={}, body=b"{}")
    assert (first.error, second.error) == (None, "address_not_allowed")
    assert len(receiver.requests) == 1


async def test_a_dead_address_does_not_hide_the_next_one() -> None:
    with receiving() as receiver:
        port = urlsplit(receiver.url).port
        outcome = await sent(f"http://localhost:{port}/", LOCAL, names(["::1", "127.0.0.1"]))
    assert outcome.error is None


@pytest.mark.parametrize("answer", [[], None])
async def test_a_name_without_addresses_is_told(answer: list[str] | None) -> None:
    async def unknown(host: str, port: int) -> list[str]:
        if answer is None:
            raise NameUnknown(host)
        return answer

    assert (await sent("https://hooks.example.com/", STRICT, unknown)).error == "name_not_resolved"


async def test_the_systems_resolver_gives_plain_addresses() -> None:
    assert await resolve("127.0.0.1", 443) == ["127.0.0.1"]
    assert set(await resolve("localhost", 443)) <= {"127.0.0.1", "::1"}


async def test_a_name_the_system_cannot_encode_is_unknown() -> None:
    with pytest.raises(NameUnknown):
        await resolve("a" * 64 + ".example", 443)


async def test_the_certificate_must_be_for_the_name_not_for_the_address(tmp_path: Path) -> None:
    ours = authority(tmp_path, name="localhost")
    with receiving(tls=ours.server) as receiver:
        port = urlsplit(receiver.url).port
        sender = Sender(LOCAL, timeout_s=3.0, resolve=names(["127.0.0.1"]), tls=ours.client)
        right = await sender.send(f"https://localhost:{port}/", headers={}, body=b"{}")
        wrong = await sender.send(f"https://127.0.0.1:{port}/", headers={}, body=b"{}")
        stranger = await sent(f"https://localhost:{port}/", LOCAL, names(["127.0.0.1"]))
    assert (right.status, right.error) == (200, None)
    assert (wrong.status, wrong.error) == (None, "tls_failed")
    assert stranger.error == "tls_failed"
    assert len(receiver.requests) == 1
