"""Bytes handed on to a client as they come, from an iterator that waits for the network.

Django would collect a plain iterator whole before sending its first byte from an ASGI process.
"""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


async def in_threads(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The same pieces; each is waited for in a thread, so that a slow store holds up nobody else."""
    following = sync_to_async(lambda: next(pieces, None), thread_sensitive=False)
    while (piece := await following()) is not None:
        yield piece
