"""The native protocol over HTTP: shapes, headers, and the words of every refusal."""

import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from contracts.prediction import Principal
from inference.runtime.settings import Settings
from tests.inference.runtime.house import CHARLIE, LABELS, House, bearer, serving

PATH = "/v1/endpoints/parts/predict"


def refused(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"type", "code", "message", "param", "request_id", "doc_url", "errors"}
    assert error["code"] == code
    assert error["request_id"] == response.headers["X-Request-Id"]
    return error


def post_raw(client: httpx.Client, body: bytes, kind: str = "application/json") -> httpx.Response:
    return client.post(PATH, content=body, headers={"Content-Type": kind})


def test_each_input_gets_an_id_and_all_labels_by_falling_score(client: httpx.Client) -> None:
    response = client.post(PATH, json={"inputs": ["my brakes squeak", "flat tyre"]})
    assert response.status_code == 200
    body = response.json()
    assert body["model"] == response.headers["X-Model-Version"] == "mdl_1"
    assert ",".join(each["id"] for each in body["predictions"]) == response.headers["X-Prediction-Id"]
    for prediction in body["predictions"]:
        assert prediction["id"].startswith("pred_")
        scores = [each["score"] for each in prediction["labels"]]
        assert scores == sorted(scores, reverse=True)
        assert sum(scores) == pytest.approx(1, abs=1e-5)
        assert {each["label"] for each in prediction["labels"]} == set(LABELS)


def test_a_single_text_may_stand_alone(client: httpx.Client) -> None:
    alone = client.post(PATH, json={"inputs": "flat tyre"}).json()["predictions"]
    listed = client.post(PATH, json={"inputs": ["flat tyre"]}).json()["predictions"]
    assert alone[0]["labels"] == listed[0]["labels"]


def test_top_k_keeps_the_best(client: httpx.Client) -> None:
    every = client.post(PATH, json={"inputs": "flat tyre"}).json()["predictions"][0]["labels"]
    best = client.post(PATH, json={"inputs": "flat tyre", "parameters": {"top_k": 1}}).json()["predictions"][0][
        "labels"
    ]
    assert best == every[:1]


def test_a_header_holds_the_first_sixty_four_ids_of_a_long_list(client: httpx.Client) -> None:
    response = client.post(PATH, json={"inputs": ["flat tyre"] * 256})
    identifiers = [each["id"] for each in response.json()["predictions"]]
    assert len(set(identifiers)) == 256
    assert response.headers["X-Prediction-Id"].split(",") == identifiers[:64]


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "missing_key"),
        ({"Authorization": "Bearer lf_test_unknown"}, "invalid_key"),
        ({"Authorization": "Basic abc"}, "invalid_key"),
        ({"Authorization": "Bearer"}, "invalid_key"),
        ({"Authorization": "Bearer \xff\xfe"}, "invalid_key"),
    ],
)
def test_callers_without_a_good_key_are_turned_away(client: httpx.Client, headers: dict[str, str], code: str) -> None:
    sent = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    response = httpx.post(f"{client.base_url}{PATH}", json={"inputs": "x"}, headers=sent)
    assert refused(response, 401, code)["type"] == "authentication_error"
    assert response.headers["WWW-Authenticate"].startswith("Bearer")


def test_two_authorization_headers_are_no_key(client: httpx.Client) -> None:
    response = client.post(PATH, json={"inputs": "x"}, headers=[("Authorization", "Bearer lf_test_charlie")] * 2)
    refused(response, 401, "invalid_key")


def test_a_key_in_the_address_is_refused(client: httpx.Client) -> None:
    refused(client.post(f"{PATH}?api_key=lf_test_alice", json={"inputs": "x"}), 400, "key_in_url")


def test_a_key_without_the_scope_is_told_which(client: httpx.Client, house: House) -> None:
    house.keys["lf_test_reader"] = Principal(tenant="acme", key="key_r", scopes=frozenset({"files.read"}))
    error = refused(client.post(PATH, json={"inputs": "x"}, headers=bearer("lf_test_reader")), 403, "missing_scope")
    assert "'predict'" in error["message"]


def test_a_foreign_endpoint_answers_like_an_absent_one(client: httpx.Client) -> None:
    def told(key: str, name: str) -> dict[str, Any]:
        response = client.post(f"/v1/endpoints/{name}/predict", json={"inputs": "x"}, headers=bearer(key))
        error = refused(response, 404, "not_found")
        del error["request_id"]
        return error

    foreign = told(CHARLIE, "parts")
    absent = told(CHARLIE, "trams")
    assert str(foreign).replace("parts", "trams") == str(absent)


@pytest.mark.parametrize("name", ["%00", "a" * 5_000, "%ff%fe", "a%2Fb", "%0a"])
def test_an_impossible_name_is_an_absent_endpoint(client: httpx.Client, name: str) -> None:
    response = client.post(f"/v1/endpoints/{name}/predict", json={"inputs": "x"})
    assert len(refused(response, 404, "not_found")["message"]) < 200


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "invalid_json"),
        (b'{"inputs": ', 400, "invalid_json"),
        (b'{"inputs": "x"} more', 400, "invalid_json"),
        (b'\xef\xbb\xbf{"inputs": "x"}', 400, "invalid_json"),
        (b'{"inputs": "\xff"}', 400, "invalid_unicode"),
        ('{"inputs": "x"}'.encode("utf-16"), 400, "invalid_unicode"),
        (b'{"inputs": "\\ud800"}', 400, "invalid_unicode"),
        (b'{"inputs": "a\\u0000b"}', 400, "nul_not_allowed"),
        (b'{"inputs": "x", "inputs": "y"}', 400, "duplicate_key"),
        (b'{"inputs": "x", "parameters": {"top_k": NaN}}', 400, "number_too_large"),
        (b'{"inputs": "x", "parameters": {"top_k": 1e999}}', 400, "number_too_large"),
        (b'{"inputs": "x", "parameters": {"top_k": ' + b"9" * 5_000 + b"}}", 400, "number_too_large"),
        (b'{"inputs": ' + b"[" * 40 + b"]" * 40 + b"}", 400, "json_too_deep"),
        (b"[" * 100_000, 400, "json_too_deep"),
        (b"[" + b"0," * 200_000 + b"0]", 400, "too_many_items"),
        (b"null", 422, "wrong_type"),
        (b"[]", 422, "wrong_type"),
        (b"{}", 422, "missing"),
        (b'{"inputs": null}', 422, "wrong_type"),
        (b'{"inputs": 3}', 422, "wrong_type"),
        (b'{"inputs": []}', 422, "empty"),
        (b'{"inputs": " "}', 422, "empty"),
        (b'{"inputs": "x", "parameters": []}', 422, "wrong_type"),
        (b'{"inputs": "x", "parameters": {"top_k": 0}}', 422, "out_of_range"),
        (b'{"inputs": "x", "parameters": {"top_k": -1}}', 422, "out_of_range"),
        (b'{"inputs": "x", "parameters": {"top_k": 1001}}', 422, "out_of_range"),
        (b'{"inputs": "x", "parameters": {"top_k": 1.5}}', 422, "wrong_type"),
        (b'{"inputs": "x", "parameters": {"top_k": true}}', 422, "wrong_type"),
        (b'{"inputs": "x", "parameters": {"top_k": "2"}}', 422, "wrong_type"),
    ],
)
def test_a_body_that_is_no_request_is_told_what_it_is(
    client: httpx.Client, body: bytes, status: int, code: str
) -> None:
    refused(post_raw(client, body), status, code)


def test_every_fault_is_told_at_once_and_named(client: httpx.Client) -> None:
    body = {"inputs": ["fine", 7, ""], "parameters": {"topk": 2, "top_k": 0}, "input": "x"}
    error = refused(client.post(PATH, json=body), 422, "unknown_field")
    assert [(fault["param"], fault["code"]) for fault in error["errors"]] == [
        ("input", "unknown_field"),
        ("inputs[1]", "wrong_type"),
        ("inputs[2]", "empty"),
        ("parameters.topk", "unknown_field"),
        ("parameters.top_k", "out_of_range"),
    ]
    assert "Did you mean 'inputs'?" in error["message"]


def test_more_than_256_inputs_are_too_many(client: httpx.Client) -> None:
    error = refused(client.post(PATH, json={"inputs": ["x"] * 257}), 422, "too_many_items")
    assert "257" in error["message"]
    assert "256" in error["message"]


def test_an_input_past_the_models_reach_is_named_with_its_tokens(client: httpx.Client) -> None:
    error = refused(client.post(PATH, json={"inputs": ["x", "one " * 21, "x " * 30]}), 422, "input_too_long")
    assert [fault["param"] for fault in error["errors"]] == ["inputs[1]", "inputs[2]"]
    assert "21 tokens" in error["message"]
    assert "at most 20" in error["message"]
    assert client.post(PATH, json={"inputs": "one " * 20}).status_code == 200


def test_an_absurdly_long_text_is_refused_unread(client: httpx.Client) -> None:
    error = refused(client.post(PATH, json={"inputs": "x" * 500_000}), 422, "input_too_long")
    assert "500,000 characters" in error["message"]


def test_a_body_over_one_mebibyte_is_refused_and_its_sender_reads_so(client: httpx.Client) -> None:
    fits = b'{"inputs": "x"' + b" " * ((1 << 20) - 15) + b"}"
    assert len(fits) == 1 << 20
    assert post_raw(client, fits).status_code == 200
    refused(post_raw(client, fits + b" "), 413, "body_too_large")
    refused(post_raw(client, b" " * (4 << 20)), 413, "body_too_large")


def test_an_endless_body_is_not_read_to_its_end(client: httpx.Client) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 1 << 30:
            sent += 1 << 16
            yield b" " * (1 << 16)

    try:
        response = client.post(PATH, content=endless(), headers={"Content-Type": "application/json"})
    except httpx.TransportError:  # the connection may be cut before the answer is read
        pass
    else:
        refused(response, 413, "body_too_large")
    assert sent < 256 << 20


@pytest.mark.parametrize(
    "kind", ["", "text/plain", "application/x-www-form-urlencoded", "application/json; charset=utf-16"]
)
def test_another_content_type_is_415(client: httpx.Client, kind: str) -> None:
    refused(post_raw(client, b'{"inputs": "x"}', kind), 415, "unsupported_media_type")


def test_a_compressed_body_is_415(client: httpx.Client) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    refused(client.post(PATH, content=b"\x1f\x8b", headers=headers), 415, "unsupported_encoding")


def test_another_method_is_405_and_another_address_404(client: httpx.Client) -> None:
    response = client.get(PATH)
    refused(response, 405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"
    refused(client.post("/v1/endpoints/parts/explain", json={}), 404, "not_found")


def test_a_body_that_never_comes_is_given_up(house: House, settings: Settings) -> None:
    def slow() -> Iterator[bytes]:
        yield b'{"inputs":'
        time.sleep(1)
        yield b'"x"}'

    quick = Settings(cache=settings.cache, body_s=0.2)
    with serving(house, quick) as client:
        response = client.post(PATH, content=slow(), headers={"Content-Type": "application/json"})
        refused(response, 408, "request_timeout")
