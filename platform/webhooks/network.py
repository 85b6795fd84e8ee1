"""The only way a webhook reaches the network: resolve once, check every address, connect to a checked one.

A backend for httpcore, so that nothing else can open the socket: no second lookup (DNS rebinding), no proxy from the
environment, no Unix socket. The name stays the TLS server name; only the address is ours.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import httpcore

from webhooks import guard

Resolve = Callable[[str, int], Awaitable[list[str]]]

CONNECT_S = 5.0  # per address, so that one dead record leaves time for the next
MOST_ADDRESSES = 4
# getaddrinfo cannot be interrupted: slow name servers hold threads of this pool and of no other.
_resolvers = ThreadPoolExecutor(max_workers=64, thread_name_prefix="resolve")


class AddressRefused(Exception):
    """A name led, in whole or in part, to an address that webhooks may not reach."""


class NameUnknown(Exception):
    """The name has no address."""


async def resolve(host: str, port: int) -> list[str]:
    """Every address of a name, IPv6 scope included where there is one."""
    loop = asyncio.get_running_loop()
    try:
        records = await loop.run_in_executor(
            _resolvers, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        )
    except (socket.gaierror, UnicodeError) as error:
        raise NameUnknown(host) from error
    return list(dict.fromkeys(str(record[4][0]) for record in records))


class GuardedBackend(httpcore.AsyncNetworkBackend):
    """One public and one private record refuse the name as a whole: whoever mixes them is probing."""

    def __init__(self, policy: guard.Policy, resolve: Resolve = resolve) -> None:
        self._policy, self._resolve, self._inner = policy, resolve, httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        if not addresses:
            raise NameUnknown(host)
        if not all(guard.allowed(address, self._policy) for address in addresses):
            raise AddressRefused(host)
        stream = await self._first_answering(addresses[:MOST_ADDRESSES], port)
        peer = stream.get_extra_info("server_addr")
        if not peer or not guard.allowed(str(peer[0]), self._policy):
            await stream.aclose()
            raise AddressRefused(host)
        return stream

    async def _first_answering(self, addresses: list[str], port: int) -> httpcore.AsyncNetworkStream:
        for address in addresses[:-1]:
            try:
                return await self._inner.connect_tcp(address, port, timeout=CONNECT_S)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return await self._inner.connect_tcp(addresses[-1], port, timeout=CONNECT_S)
