"""The client company's side of a webhook: a local address that believes nothing but a valid signature."""

import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

BODY_LIMIT = 1 << 20  # bytes; events are a few hundred


@dataclass(frozen=True, kw_only=True)
class Received:
    """One verified event: its `webhook-id`, its type, and the id of what it is about."""

    id: str
    type: str
    about: str


class Receiver:
    """Listens on a free loopback port while used as a context manager; `secret` is set once the service gave it."""

    def __init__(self) -> None:
        self.secret: str | None = None
        self.received: list[Received] = []
        self.refused = 0
        self.news = threading.Condition()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"receiver": self}))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhooks"

    def __enter__(self) -> Self:
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def take(self, body: bytes, headers: dict[str, str]) -> int:
        """The status to answer: 204 believed, 401 not believed, 503 while we do not know the secret yet."""
        if self.secret is None:
            return 503
        try:
            event = Webhook(self.secret).verify(body, headers)
        except (WebhookVerificationError, ValueError):  # ValueError: a signature that is not even base64
            self.refused += 1
            return 401
        with self.news:
            self.received.append(_received(event))
            self.news.notify_all()
        return 204

    def wait_for(self, event_type: str, about: str, *, limit_s: float) -> Received | None:
        """The first verified event of that type about that object; None where it did not come in time."""
        deadline = time.monotonic() + limit_s
        with self.news:
            while True:
                for event in self.received:
                    if (event.type, event.about) == (event_type, about):
                        return event
                if not self.news.wait(timeout=max(0.0, deadline - time.monotonic())):
                    return None


def _received(event: dict[str, Any]) -> Received:
    about = event.get("data") or {}
    return Received(id=str(event.get("id")), type=str(event.get("type")), about=str(about.get("id")))


class _Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        length = min(int(self.headers.get("content-length") or 0), BODY_LIMIT)
        status = self.receiver.take(self.rfile.read(length), dict(self.headers.items()))
        self.send_response(status)
        self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  (the name is the parent's)
        """Quiet: the demo prints what matters."""
