"""Which URLs a webhook may have and which addresses it may be sent to. Pure: knows no resolver, no socket, no Django.

A customer names the URL and we open the connection, so every rule here is a wall against server-side request forgery
(OWASP SSRF). `ipaddress.is_global` let 13 of 37 bad addresses through; the networks below, taken from IANA's
special-purpose registries (RFC 6890) with the clouds' own oddities, let none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import SplitResult, urlsplit

from contracts.problems import Fault, Problem, echo

LONGEST_URL = 2048  # characters
PORTS = (443, 8443)
PRIVATE_V4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local; cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "168.63.129.16/32",  # Azure's host services
    )
)
GLOBAL_V6 = IPv6Network("2000::/3")  # leaves out mapped, NAT64, unique local, site-local, link-local, multicast
PRIVATE_V6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20", "2620:4f:8000::/48")
)
LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))
LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion", "test", "invalid")

# Printable ASCII without the characters on which URL parsers disagree.
CHARACTERS = re.compile(r"[!-~]+")
AMBIGUOUS = re.compile(r"[\\\"<>^`{|}]")
LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{LABEL}\.)+(?=[a-z]){LABEL}")  # a last label of digits would be an address


@dataclass(frozen=True, kw_only=True)
class Policy:
    """`loopback` (embedded machine, tests) adds http:// and any port, for loopback addresses alone."""

    loopback: bool = False
    own_hosts: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True, kw_only=True)
class Target:
    """A URL taken apart once; nothing parses it again. `host` is a lower-case name or an address without brackets."""

    scheme: str
    host: str
    port: int
    path: str  # with its query

    @property
    def authority(self) -> str:
        """The Host header (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"https": 443, "http": 80}[self.scheme] else f"{host}:{self.port}"


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is one of the open internet's."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in PRIVATE_V4)
    return address.scope_id is None and address in GLOBAL_V6 and not any(address in network for network in PRIVATE_V6)


def allowed(address: str, policy: Policy) -> bool:
    """Whether a connection may be opened to this numeric address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return public(parsed) or (policy.loopback and any(parsed in network for network in LOOPBACK))


def target(url: str, policy: Policy) -> Target:
    """The parts of an acceptable URL; raises `Problem` with everything that is wrong with it."""
    if len(url) > LONGEST_URL:
        raise Problem("url_too_long", f"A webhook URL may have at most {LONGEST_URL} characters.", param="url")
    if not CHARACTERS.fullmatch(url) or AMBIGUOUS.search(url):
        message = "A webhook URL is plain ASCII without spaces; write other characters percent-encoded, names as xn--."
        raise Problem("invalid_url", message, param="url")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise Problem(
            "invalid_url", f"{echo(url)} is not a URL such as https://example.com/hook.", param="url"
        ) from None
    local = policy.loopback and _is_loopback(host)
    faults = [*_url_faults(parts, port, local=local), *_host_faults(host, policy, local=local)]
    if faults:
        raise Problem.of([Fault(code=code, message=message, param="url") for code, message in faults])
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=host, port=port or (443 if parts.scheme == "https" else 80), path=path)


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (allowed(host, Policy(loopback=True)) and not allowed(host, Policy()))


def _url_faults(parts: SplitResult, port: int | None, *, local: bool) -> Iterator[tuple[str, str]]:
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        yield "https_required", "A webhook URL must begin with https://."
    if "@" in parts.netloc:
        yield "credentials_in_url", "A webhook URL may not hold a user name or password; verify the signature instead."
    if (port not in (None, *PORTS) and not local) or parts.netloc.endswith(":"):
        yield "port_not_allowed", f"A webhook URL may name the ports {' and '.join(map(str, PORTS))} only."
    if parts.fragment:
        yield "fragment_not_allowed", "A webhook URL has no part after '#'."


def _host_faults(host: str, policy: Policy, *, local: bool) -> Iterator[tuple[str, str]]:
    if local:
        return
    if host in policy.own_hosts:
        yield "own_host", "A webhook cannot be sent to this service itself."
    if _is_address(host):
        if not allowed(host, policy):
            yield "address_not_allowed", f"{echo(host)} is not an address of the public internet."
    elif not NAME.fullmatch(host):
        yield "invalid_host", f"{echo(host)} is not a full domain name such as hooks.example.com."
    elif any(host == name or host.endswith(f".{name}") for name in LOCAL_NAMES):
        yield "address_not_allowed", f"{echo(host)} is a name of local networks; a webhook needs a public one."


def _is_address(host: str) -> bool:
    """Canonical IPv4 or IPv6. Other spellings of IPv4 (127.1, 0x7f000001) are neither address nor name: refused."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
