"""Follows a job's events over Server-Sent Events (WHATWG HTML, 9.2) and resumes where a lost connection stopped."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import httpx

from embedded.demo.client import Client, Json, Refused

RECONNECT_S = 0.5
FRUITLESS_LIMIT = 10  # connections in a row that brought nothing new before we give up
SILENCE_S = 60.0  # the service sends comments meanwhile; a longer silence is a dead connection


@dataclass(frozen=True, kw_only=True)
class Message:
    """One dispatched event. `id` is the last one seen, also when this event carried none."""

    id: str
    event: str
    data: str


class StreamLost(Exception):
    """The stream broke again and again without anything new."""


def follow(client: Client, path: str) -> Iterator[Json]:
    """Yields each event object once and ends after the service's `done`. Raises `StreamLost`, `Refused`."""
    last_id, fruitless = "", 0
    while fruitless < FRUITLESS_LIMIT:
        fruitless += 1
        try:
            for message in connect(client, path, last_id):
                last_id, fruitless = message.id, 0
                if message.event == "done":
                    return
                yield json.loads(message.data)
        except httpx.TransportError:
            pass  # the loop reconnects with the last id seen, and counts
        time.sleep(RECONNECT_S)
    raise StreamLost(f"The event stream of {path} broke {FRUITLESS_LIMIT} times in a row.")


def connect(client: Client, path: str, last_id: str) -> Iterator[Message]:
    """One connection's messages, from the one after `last_id` on."""
    headers = {"Accept": "text/event-stream"} | ({"Last-Event-ID": last_id} if last_id else {})
    with client.http.stream("GET", path, headers=headers, timeout=httpx.Timeout(30.0, read=SILENCE_S)) as answer:
        if not answer.is_success:
            answer.read()
            raise Refused.of(answer)
        yield from parse(lines_of(answer.iter_bytes()), last_id)


def lines_of(chunks: Iterable[bytes]) -> Iterator[str]:
    """Lines ended by LF or CRLF only: JSON may hold other characters that Python would take for line ends."""
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.removesuffix(b"\r").decode() for line in lines)


def parse(lines: Iterable[str], last_id: str = "") -> Iterator[Message]:
    """Comments are skipped, data lines joined, and a message cut off before its blank line is dropped."""
    event, data = "", list[str]()
    for line in lines:
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not line:
            if data:
                yield Message(id=last_id, event=event or "message", data="\n".join(data))
            event, data = "", []
        elif name == "id":
            last_id = value
        elif name == "event":
            event = value
        elif name == "data":
            data.append(value)
