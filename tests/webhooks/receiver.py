"""A real HTTP server on a free port of this machine: answers as it is told, remembers what came."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Received:
    headers: dict[str, str]
    body: bytes
    path: str


@dataclass
class Receiver:
    """`answers` are used in turn, the last one for everything that follows."""

    answers: tuple["Answer", ...]
    url: str = ""
    requests: list[Received] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def take(self, request: Received) -> "Answer":
        with self._arrived:
            self.requests.append(request)
            self._arrived.notify_all()
            return self.answers[min(len(self.requests), len(self.answers)) - 1]

    def wait_for(self, count: int, *, seconds: float = 30.0) -> list[Received]:
        """The first `count` requests; fails the test where they do not come."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.requests) >= count, seconds), (
                f"only {len(self.requests)} came"
            )
            return self.requests[:count]


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.receiver.take(Received(headers=headers, body=body, path=self.path))
        try:
            answer(self)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the sender hung up, as some tests want it to

    def log_message(self, *_: Any) -> None:
        """Silent: the tests look at `requests`."""


class Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """Failed handshakes and hung-up senders are what some tests are about."""


Answer = Callable[[Handler], None]


def status(code: int, *, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: Handler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def hang(handler: Handler) -> None:
    """Accepts the request and never answers."""
    handler.receiver.closing.wait(60)


def trickle(handler: Handler) -> None:
    """A fine status, then a byte every so often."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    while not handler.receiver.closing.wait(0.05):
        handler.wfile.write(b".")


def flood(handler: Handler) -> None:
    """A fine status and a body without end."""
    handler.send_response(200)
    handler.end_headers()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and not handler.receiver.closing.is_set():
        handler.wfile.write(b"x" * 65536)


def nonsense(handler: Handler) -> None:
    handler.wfile.write(b"this is not HTTP\r\n\r\n")
    handler.close_connection = True


@contextmanager
def receiving(*answers: Answer, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    receiver = Receiver(answers=answers or (status(200),))
    server = Server(("127.0.0.1", 0), type("Bound", (Handler,), {"receiver": receiver}))
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}/hook"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
