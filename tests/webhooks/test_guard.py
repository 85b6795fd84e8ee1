"""Every bad URL and address that PROMISES names, and good ones beside them, so that the wall is no brick wall."""

import pytest

from contracts.problems import Problem
from webhooks import guard

STRICT = guard.Policy(own_hosts=frozenset({"landfall.example.com"}))
EMBEDDED = guard.Policy(loopback=True)

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.0.192 192.0.2.1
192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
:: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:2::1 2001:10::1
2001:20::1 2001:1ff::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1 3fff::1 3fff:fff::1 2620:4f:8000::1 4000::1 5f00::1
fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 2606:4700::1111%1 fec0::1 ff02::1 ff0e::1
"""

PUBLIC = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 128.0.0.1 168.63.129.15 172.15.255.255 172.32.0.1
192.0.1.1 192.88.98.1 198.17.255.255 198.20.0.1 223.255.255.255
2001:200::1 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1 2620:4f:7fff::1 3ffe::1
"""


@pytest.mark.parametrize("address", PRIVATE.split())
def test_an_address_inside_is_refused(address: str) -> None:
    assert not guard.allowed(address, STRICT)


@pytest.mark.parametrize("address", PUBLIC.split())
def test_an_address_outside_is_allowed(address: str) -> None:
    assert guard.allowed(address, STRICT)


@pytest.mark.parametrize(
    "spelling", ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "１２７.0.0.1", "", "example.com"]
)
def test_what_is_no_canonical_address_is_refused(spelling: str) -> None:
    assert not guard.allowed(spelling, EMBEDDED)


def test_the_embedded_machine_may_reach_itself_and_still_nothing_else_inside() -> None:
    reachable = {address for address in PRIVATE.split() if guard.allowed(address, EMBEDDED)}
    assert reachable == {"127.0.0.1", "127.255.255.254", "::1"}


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/", "https_required"),
        ("ftp://example.com/", "https_required"),
        ("file:///etc/passwd", "https_required"),
        ("//example.com/", "https_required"),
        ("example.com", "https_required"),
        ("https://user@example.com/", "credentials_in_url"),
        ("https://user:pass@example.com/", "credentials_in_url"),
        ("https://example.com:22/", "port_not_allowed"),
        ("https://example.com:80/", "port_not_allowed"),
        ("https://example.com:6379/", "port_not_allowed"),
        ("https://example.com:/", "port_not_allowed"),
        ("https://example.com:0/", "port_not_allowed"),
        ("https://example.com:99999/", "invalid_url"),
        ("https://example.com:４４３/", "invalid_url"),
        ("https://example.com/#part", "fragment_not_allowed"),
        ("https://127.1/", "invalid_host"),
        ("https://2130706433/", "invalid_host"),
        ("https://0x7f000001/", "invalid_host"),
        ("https://0x7f.1/", "invalid_host"),
        ("https://0177.0.0.1/", "invalid_host"),
        ("https://１２７.0.0.1/", "invalid_url"),
        ("https://exаmple.com/", "invalid_url"),  # a Cyrillic letter: a homograph
        ("https://example。com/", "invalid_url"),
        ("https://127.0.0.1/", "address_not_allowed"),
        ("https://169.254.169.254/latest/meta-data/", "address_not_allowed"),
        ("https://168.63.129.16/", "address_not_allowed"),
        ("https://[::1]/", "address_not_allowed"),
        ("https://[::ffff:127.0.0.1]/", "address_not_allowed"),
        ("https://[64:ff9b::7f00:1]/", "address_not_allowed"),
        ("https://[2002:7f00:1::]/", "address_not_allowed"),
        ("https://[fec0::1]/", "address_not_allowed"),
        ("https://[ff02::1]/", "address_not_allowed"),
        ("https://[fe80::1%25eth0]/", "address_not_allowed"),
        ("https://[fd00:ec2::254]/", "address_not_allowed"),
        ("https://localhost/", "invalid_host"),
        ("https://api.localhost/", "address_not_allowed"),
        ("https://metadata.google.internal/", "address_not_allowed"),
        ("https://printer.local/", "address_not_allowed"),
        ("https://example.com./", "invalid_host"),
        ("https://ex_ample.com/", "invalid_host"),
        ("https://-a.example.com/", "invalid_host"),
        ("https:///path", "invalid_host"),
        ("https://[::1", "invalid_url"),
        ("https://landfall.example.com/v1/files", "own_host"),
        ("https://LANDFALL.example.com:8443/", "own_host"),
        ("https://example.com\\@127.0.0.1/", "invalid_url"),
        ("https://example.com/a b", "invalid_url"),
        ("https://example.com/\r\nHost: inside", "invalid_url"),
        ("https://example.com/\x00", "invalid_url"),
        ("https://example.com/" + "a" * 4096, "url_too_long"),
        ("", "invalid_url"),
    ],
)
def test_a_bad_url_is_refused_by_name(url: str, code: str) -> None:
    with pytest.raises(Problem) as caught:
        guard.target(url, STRICT)
    assert code in [fault.code for fault in caught.value.faults]
    assert all(fault.param == "url" for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com", ("example.com", 443, "/", "example.com")),
        ("HTTPS://Example.COM/Hook?a=1&b=%20", ("example.com", 443, "/Hook?a=1&b=%20", "example.com")),
        ("https://hooks.example.com:8443/x", ("hooks.example.com", 8443, "/x", "hooks.example.com:8443")),
        ("https://xn--bcher-kva.example/", ("xn--bcher-kva.example", 443, "/", "xn--bcher-kva.example")),
        ("https://8.8.8.8/", ("8.8.8.8", 443, "/", "8.8.8.8")),
        ("https://[2606:4700::1111]/", ("2606:4700::1111", 443, "/", "[2606:4700::1111]")),
    ],
)
def test_a_good_url_is_taken_apart(url: str, expected: tuple[str, int, str, str]) -> None:
    found = guard.target(url, STRICT)
    assert (found.host, found.port, found.path, found.authority) == expected


def test_all_faults_of_a_url_are_told_at_once() -> None:
    with pytest.raises(Problem) as caught:
        guard.target("http://me:secret@10.0.0.1:22/#x", STRICT)
    codes = [fault.code for fault in caught.value.faults]
    assert codes == [
        "https_required",
        "credentials_in_url",
        "port_not_allowed",
        "fragment_not_allowed",
        "address_not_allowed",
    ]


def test_a_refusal_repeats_at_most_a_hundred_characters() -> None:
    with pytest.raises(Problem) as caught:
        guard.target(f"https://{'a' * 2000}/", STRICT)
    assert all(len(fault.message) < 200 for fault in caught.value.faults)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9000/hook", "http://localhost:9000/", "http://[::1]:9000/"])
def test_plain_http_and_any_port_only_to_the_embedded_machine_itself(url: str) -> None:
    assert guard.target(url, EMBEDDED).scheme == "http"
    for outside in ("http://example.com/", "http://10.0.0.1/", "https://example.com:9000/"):
        with pytest.raises(Problem):
            guard.target(outside, EMBEDDED)
