"""A small HTTP client for `/v1`: one key, JSON in and out, the API's errors as one exception.

A client company would write about this much. Polls and retries honour `Retry-After`.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

import httpx

Json = dict[str, Any]

POLL_S = 0.3  # between two looks where the answer names no `Retry-After`
BUSY = (429, 503)  # "come back later": nothing was executed, so asking again is safe
BUSY_TRIES = 8
TIMEOUT = httpx.Timeout(30.0)


class Refused(Exception):
    """The API said no. `message` is its sentence, `request_id` what support asks for."""

    def __init__(self, status: int, error: Json, request_id: str) -> None:
        self.status = status
        self.code = str(error.get("code") or f"http_{status}")
        self.message = str(error.get("message") or "The server gave no reason.")
        self.param = error.get("param")
        self.faults: list[Json] = error.get("errors") or []
        self.request_id = str(error.get("request_id") or request_id or "unknown")
        super().__init__(f"{status} {self.code}: {self.message}")

    @classmethod
    def of(cls, answer: httpx.Response) -> "Refused":
        """From any answer, also one that is not the API's own error object (a proxy's page, an empty body)."""
        try:
            body = answer.json()
        except ValueError:
            body = None
        error = body.get("error") if isinstance(body, dict) else None
        return cls(answer.status_code, error if isinstance(error, dict) else {}, answer.headers.get("x-request-id", ""))


class TookTooLong(Exception):
    """Something the API promised to finish was not finished within the patience of the demo."""


class Client:
    """One tenant's view of the service."""

    def __init__(self, base_url: str, api_key: str) -> None:
        headers = {"Authorization": f"Bearer {api_key}"}
        self.http = httpx.Client(base_url=base_url, headers=headers, timeout=TIMEOUT, trust_env=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def get(self, path: str, **query: str | int) -> Json:
        return self._json(self._send("GET", path, params=query))

    def post(self, path: str, body: Json) -> Json:
        """Safe to repeat: the key lets the service answer a second arrival with the first one's answer."""
        return self._json(self._send("POST", path, json=body, headers={"Idempotency-Key": str(uuid4())}))

    def delete(self, path: str) -> None:
        self._send("DELETE", path)

    def upload(self, file: Path, *, purpose: str) -> Json:
        """Multipart, streamed from disk."""
        with file.open("rb") as stream:
            files = {"file": (file.name, stream)}
            return self._json(self._send("POST", "/v1/files", data={"purpose": purpose}, files=files))

    def page(self, path: str) -> str:
        """A page for people instead of JSON."""
        return self._send("GET", path, headers={"Accept": "text/html"}).text

    def poll(self, path: str, *, until: Callable[[Json], bool], limit_s: float) -> Json:
        """Asks again and again until the object satisfies `until`; raises `TookTooLong` after `limit_s`."""
        deadline = time.monotonic() + limit_s
        while True:
            answer = self._send("GET", path)
            found = self._json(answer)
            if until(found):
                return found
            if time.monotonic() > deadline:
                status = found.get("status", "nothing")
                raise TookTooLong(f"{path} was not done after {limit_s:.0f} s; its status: {status}.")
            time.sleep(wait_of(answer))

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        for _ in range(BUSY_TRIES):
            answer = self.http.request(method, path, **options)
            if answer.status_code not in BUSY or "files" in options:
                break
            time.sleep(wait_of(answer))
        if not answer.is_success:
            raise Refused.of(answer)
        return answer

    @staticmethod
    def _json(answer: httpx.Response) -> Json:
        try:
            body = answer.json()
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Refused(answer.status_code, {"message": "The answer is no JSON object."}, "")
        return body


def wait_of(answer: httpx.Response) -> float:
    """Seconds the answer asks us to wait; `POLL_S` where it says none or no number."""
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isascii() and told.isdigit() else POLL_S
