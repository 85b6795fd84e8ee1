"""The event stream: the format of the standard, and resuming on a real connection that breaks."""

import json
from collections.abc import Iterable
from http.server import BaseHTTPRequestHandler

import pytest

from embedded.demo import events
from embedded.demo.client import Refused
from embedded.demo.events import Message, follow, lines_of, parse
from tests.embedded.demo.stub import send, talking


def test_messages_end_at_blank_lines_and_comments_are_skipped() -> None:
    lines = [": hello", "id: 1", "event: a", "data: x", "data:y", "", "data: z", "", "id: 3", "data: cut off"]
    assert list(parse(lines)) == [Message(id="1", event="a", data="x\ny"), Message(id="1", event="message", data="z")]


def test_lines_end_only_where_the_standard_says_whatever_the_chunks() -> None:
    whole = "data: äöü\u2028same line\r\n\ndata: b\n".encode()
    chunks = [whole[position : position + 3] for position in range(0, len(whole), 3)]
    assert list(lines_of(chunks)) == ["data: äöü\u2028same line", "", "data: b"]


def stream(request: BaseHTTPRequestHandler, numbers: Iterable[int], *, done: bool) -> None:
    """Writes these events and hangs up, with or without the closing word."""
    request.send_response(200)
    request.send_header("content-type", "text/event-stream")
    request.end_headers()
    for number in numbers:
        data = json.dumps({"object": "fine_tuning.job.event", "id": f"evt_{number}"})
        request.wfile.write(f"id: {number}\nevent: fine_tuning.job.event\ndata: {data}\n\n: still here\n".encode())
    if done:
        request.wfile.write(b"event: done\ndata: {}\n\n")


def test_a_broken_stream_is_resumed_after_the_last_event_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "RECONNECT_S", 0.01)
    asked = list[str | None]()

    def answer(request: BaseHTTPRequestHandler) -> None:
        asked.append(request.headers["last-event-id"])
        start = int(asked[-1] or 0) + 1
        stream(request, range(start, min(start + 2, 6)), done=start >= 5)

    with talking(answer) as client:
        ids = [event["id"] for event in follow(client, "/v1/fine_tuning/jobs/ftjob_1/events?stream=true")]
    assert ids == ["evt_1", "evt_2", "evt_3", "evt_4", "evt_5"]
    assert asked == [None, "2", "4"]


def test_a_stream_that_brings_nothing_again_and_again_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "RECONNECT_S", 0.01)
    with talking(lambda request: stream(request, [], done=False)) as client, pytest.raises(events.StreamLost):
        list(follow(client, "/v1/events"))


def test_a_refused_stream_tells_the_service_s_sentence() -> None:
    body = b'{"error": {"code": "not_found", "message": "No such job."}}'
    with talking(lambda request: send(request, 404, body)) as client, pytest.raises(Refused, match="No such job"):
        list(follow(client, "/v1/fine_tuning/jobs/ftjob_0/events?stream=true"))
