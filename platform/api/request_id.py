"""Every request gets an id; every answer, log line and error carries it."""

from collections.abc import Callable
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

from contracts import ids

_request_id: ContextVar[str | None] = ContextVar("landfall_request_id", default=None)


def current_request_id() -> str | None:
    return _request_id.get()


class RequestIdMiddleware:
    """Ids are ours alone: a client's own `X-Request-Id` is not trusted to be unique or harmless."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request_id = ids.new("req")
        token = _request_id.set(request_id)
        try:
            response = self.get_response(request)
            response["X-Request-Id"] = request_id
            return response
        finally:
            _request_id.reset(token)
