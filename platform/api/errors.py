"""Every way a request can be refused, and the one shape in which it is told.

The shape is `contracts.error_body`. A `Problem` (or `ApiError`, which adds the
status) is for the customer; anything else is logged in full and told as `internal_error`.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from psycopg_pool import PoolTimeout
from rest_framework import exceptions, status
from rest_framework.response import Response

from api.request_id import current_request_id
from contracts.error_body import body
from contracts.problems import Fault, Problem, Unavailable, echo

logger = logging.getLogger(__name__)

RETRY_AFTER_S = 5  # what a client is told to wait when a part of ours is away


class ApiError(Problem):
    """A refusal with its HTTP status and, where needed, headers."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        param: str | None = None,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, message, param=param, faults=faults)
        self.status = status
        self.headers = dict(headers or {})


class NotFound(ApiError):
    """Absent and foreign are told alike: same status, same body."""

    def __init__(self, noun: str, key: str) -> None:
        super().__init__(404, "not_found", f"There is no {noun} {echo(key)}.", param="id")


class Conflict(ApiError):
    """What is asked does not fit the state of things, now and for good: clients must not retry by themselves."""

    def __init__(self, code: str, message: str, *, param: str | None = None) -> None:
        super().__init__(400, code, message, param=param, headers={"x-should-retry": "false"})


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response:
    """DRF's hook: whatever a view raised, as an answer."""
    refusal = as_api_error(error)
    response = Response(body(refusal, refusal.status, current_request_id()), status=refusal.status)
    for name, value in refusal.headers.items():
        response[name] = value
    return response


def as_api_error(error: BaseException) -> ApiError:
    if isinstance(error, ApiError):
        return error
    if isinstance(error, Problem):
        return ApiError(400, error.code, error.message, param=error.param, faults=error.faults)
    if isinstance(error, exceptions.APIException):
        return _from_framework(error)
    if isinstance(error, Http404):
        return ApiError(404, "not_found", "There is nothing at this address.")
    if isinstance(error, RequestDataTooBig):
        return ApiError(413, "body_too_large", "The body is too large; send files as multipart to /v1/files.")
    if isinstance(error, PermissionDenied):
        return ApiError(403, "forbidden", "This is not allowed.")
    if isinstance(error, SuspiciousOperation | TooManyFilesSent):
        return ApiError(400, "malformed_request", "The request is malformed; check its headers and its encoding.")
    if isinstance(error, OperationalError | InterfaceError | PoolTimeout | Unavailable):
        logger.error("unavailable, request %s: %s: %s", current_request_id(), type(error).__name__, error)
        return unavailable()
    logger.error("unexpected error, request %s", current_request_id(), exc_info=error)
    return ApiError(500, "internal_error", "Something went wrong on our side; it is recorded under the request id.")


def unavailable() -> ApiError:
    message = "The service is momentarily unavailable; nothing was accepted. Try again shortly."
    return ApiError(503, "unavailable", message, headers={"Retry-After": str(RETRY_AFTER_S)})


def _from_framework(error: exceptions.APIException) -> ApiError:
    if isinstance(error, exceptions.ValidationError):
        faults = list(_faults(error.detail, ()))
        return ApiError(400, faults[0].code, faults[0].message, param=faults[0].param, faults=faults)
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, round(getattr(error, "wait", None) or 1)))
        message = f"Too many requests; wait {headers['Retry-After']} s."
        return ApiError(status.HTTP_429_TOO_MANY_REQUESTS, "rate_limit_exceeded", message, headers=headers)
    if isinstance(error, exceptions.NotAuthenticated):
        return ApiError(401, "missing_key", "Send your API key: 'Authorization: Bearer lf_live_...'.")
    code = {
        exceptions.MethodNotAllowed: "method_not_allowed",
        exceptions.UnsupportedMediaType: "unsupported_media_type",
        exceptions.ParseError: "invalid_json",
    }.get(type(error), "invalid_request")
    return ApiError(error.status_code, code, str(error.detail))


def _faults(detail: Any, path: tuple[str, ...]) -> list[Fault]:
    """DRF's tree of error details as a flat list; `param` is the dotted path of the field."""
    if isinstance(detail, Mapping):
        return [fault for key, value in detail.items() for fault in _faults(value, _step(path, str(key)))]
    if isinstance(detail, list):
        nested = any(isinstance(item, Mapping | list) for item in detail)
        return [
            fault
            for index, item in enumerate(detail)
            for fault in _faults(item, (*path, str(index)) if nested else path)
            if item
        ]
    code = {"required": "missing", "null": "missing", "blank": "empty"}.get(detail.code, detail.code)
    param = ".".join(path)
    return [Fault(code=str(code), message=_sentence(param, str(detail)), param=param or None)]


def _sentence(param: str, detail: str) -> str:
    """SDKs show the sentence alone, so it names its field: "task: This field is required."."""
    return f"{param}: {detail}" if param and param not in detail else detail


def _step(path: tuple[str, ...], key: str) -> tuple[str, ...]:
    return path if key == "non_field_errors" else (*path, key)


def json_response(refusal: ApiError) -> JsonResponse:
    """The same shape for refusals outside any view."""
    return JsonResponse(
        body(refusal, refusal.status, current_request_id()), status=refusal.status, headers=refusal.headers
    )


def not_found_view(request: HttpRequest, exception: Exception) -> JsonResponse:
    return json_response(ApiError(404, "not_found", "There is nothing at this address; see /docs."))


def server_error_view(request: HttpRequest) -> JsonResponse:
    return json_response(
        ApiError(500, "internal_error", "Something went wrong on our side; it is recorded under the request id.")
    )


def bad_request_view(request: HttpRequest, exception: Exception) -> JsonResponse:
    return json_response(
        as_api_error(exception) if isinstance(exception, SuspiciousOperation) else as_api_error(Http404())
    )
