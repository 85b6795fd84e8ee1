"""The demo's HTTP client against a real server: errors, polls, busy answers, uploads."""

import json
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from embedded.demo.client import Refused, TookTooLong
from tests.embedded.demo.stub import send, talking


def test_the_error_object_becomes_one_exception_with_all_its_faults() -> None:
    error = {
        "type": "invalid_request_error",
        "code": "missing",
        "message": "Name the file.",
        "param": "file",
        "request_id": "req_1",
        "errors": [{"code": "missing", "message": "Name the file."}, {"code": "unknown", "message": "No such task."}],
    }
    body = json.dumps({"error": error}).encode()
    with talking(lambda request: send(request, 422, body)) as client, pytest.raises(Refused) as refusal:
        client.post("/v1/datasets", {})
    assert (refusal.value.status, refusal.value.code, refusal.value.param) == (422, "missing", "file")
    assert (refusal.value.message, refusal.value.request_id) == ("Name the file.", "req_1")
    assert [fault["message"] for fault in refusal.value.faults] == ["Name the file.", "No such task."]


@pytest.mark.parametrize("body", [b"", b"<h1>Bad Gateway</h1>", b"[1]", b'{"error": "text"}'])
def test_an_answer_that_is_no_error_object_still_names_status_and_request(body: bytes) -> None:
    with (
        talking(lambda request: send(request, 502, body, x_request_id="req_9")) as client,
        pytest.raises(Refused) as refusal,
    ):
        client.get("/v1/files")
    assert (refusal.value.status, refusal.value.code, refusal.value.request_id) == (502, "http_502", "req_9")


def test_a_page_where_json_was_promised_is_refused() -> None:
    with (
        talking(lambda request: send(request, 200, b"<html>")) as client,
        pytest.raises(Refused, match="no JSON object"),
    ):
        client.get("/v1/files")


def test_a_poll_ends_when_the_object_is_as_wanted() -> None:
    states = iter(["processing", "processing", "ready"])

    def answer(request: BaseHTTPRequestHandler) -> None:
        send(request, 200, json.dumps({"status": next(states)}).encode(), retry_after="0")

    with talking(answer) as client:
        found = client.poll("/v1/datasets/ds_1", until=lambda one: one["status"] == "ready", limit_s=30)
    assert found == {"status": "ready"}
    assert next(states, "none left") == "none left"


def test_a_poll_gives_up_and_says_what_it_last_saw() -> None:
    with (
        talking(lambda request: send(request, 200, b'{"status": "processing"}')) as client,
        pytest.raises(TookTooLong, match="processing"),
    ):
        client.poll("/v1/datasets/ds_1", until=lambda one: False, limit_s=0)


def test_a_busy_service_is_asked_again_under_the_same_idempotency_key() -> None:
    keys = list[str]()

    def answer(request: BaseHTTPRequestHandler) -> None:
        keys.append(request.headers["idempotency-key"])
        send(request, 503 if len(keys) == 1 else 200, b"{}", retry_after="0")

    with talking(answer) as client:
        assert client.post("/v1/tasks", {}) == {}
    assert len(keys) == 2
    assert len(set(keys)) == 1


def test_a_file_travels_as_multipart_with_its_name_and_the_key(tmp_path: Path) -> None:
    file = tmp_path / "mails.csv"
    file.write_bytes(b"text,label\nhi,x\n")
    seen = dict[str, object]()

    def answer(request: BaseHTTPRequestHandler) -> None:
        seen["key"] = request.headers["authorization"]
        seen["body"] = request.rfile.read(int(request.headers["content-length"]))
        request.headers.replace_header("content-length", "0")
        send(request, 200, b'{"id": "file_1"}')

    with talking(answer) as client:
        assert client.upload(file, purpose="fine-tune") == {"id": "file_1"}
    assert seen["key"] == "Bearer lf_live_x"
    assert isinstance(seen["body"], bytes)
    assert b'filename="mails.csv"' in seen["body"]
    assert b"text,label\nhi,x\n" in seen["body"]
    assert b"fine-tune" in seen["body"]
