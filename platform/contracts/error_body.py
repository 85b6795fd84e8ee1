"""The one shape in which `/v1` tells an error: OpenAI's fields first, so that its SDKs read it, then all faults."""

from typing import Any

from contracts.problems import Problem

DOCS = "/docs"
TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


def type_of(status: int) -> str:
    return TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")


def body(problem: Problem, status: int, request_id: str | None) -> dict[str, Any]:
    return {
        "error": {
            "type": "idempotency_error" if problem.code == "idempotency_error" else type_of(status),
            "code": problem.code,
            "message": problem.message,
            "param": problem.param,
            "request_id": request_id,
            "doc_url": f"{DOCS}#{problem.code}",
            "errors": [{"code": f.code, "message": f.message, "param": f.param} for f in problem.faults],
        }
    }
