"""A2: whatever a body or an address holds, the answer is a sentence with a code; never a 5xx, never a trace."""

import pytest

from tests.conftest import Person

PATH = "/v1/tasks"
BODIES = {
    "not JSON": (b"{oops", "invalid_json"),
    "trailing garbage": (b"{} {}", "invalid_json"),
    "a list": (b"[]", "wrong_type"),
    "null": (b"null", "wrong_type"),
    "3,000 levels": (b'{"name":' * 3_000 + b"1" + b"}" * 3_000, "json_too_deep"),
    "33 levels": (b'{"name":' + b"[" * 33 + b"]" * 33 + b"}", "json_too_deep"),
    "NUL": (b'{"name": "a\\u0000b"}', "nul_not_allowed"),
    "half a surrogate pair": (b'{"name": "\\ud800"}', "invalid_unicode"),
    "no UTF-8": (b'{"name": "\xff"}', "invalid_unicode"),
    "UTF-16": ('{"name": "x"}'.encode("utf-16"), "invalid_unicode"),
    "a key twice": (b'{"name": "a", "name": "b"}', "duplicate_key"),
    "NaN": (b'{"name": NaN}', "number_too_large"),
    "Infinity": (b'{"name": -Infinity}', "number_too_large"),
    "5,000 digits": (b'{"name": ' + b"9" * 5_000 + b"}", "number_too_large"),
    "beyond a double": (b'{"name": 1e999}', "number_too_large"),
    "200,000 elements": (b'{"labels": [' + b"1," * 200_000 + b"1]}", "too_many_items"),
    "a number for a string": (b'{"name": 7}', "wrong_type"),
    "an unknown field": (b'{"nmae": "x"}', "unknown_field"),
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_cannot_be_meant_is_told_why(alice: Person, case: str) -> None:
    body, code = BODIES[case]
    answer = alice.send(PATH, body)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert code in {fault["code"] for fault in error["errors"]}
    assert error["request_id"] == answer["X-Request-Id"]
    assert len(error["message"]) < 400


def test_the_nearest_known_field_is_suggested_and_every_fault_told(alice: Person) -> None:
    error = alice.post(PATH, {"nmae": "x", "type": 3}).json()["error"]
    told = {fault["param"]: fault for fault in error["errors"]}
    assert told["nmae"]["message"].endswith("Did you mean 'name'?")
    assert told["type"]["code"] == "wrong_type"
    assert (told["name"]["code"], told["dataset"]["code"]) == ("missing", "missing")
    assert told["dataset"]["message"].startswith("dataset: ")


def test_a_body_over_the_limit_is_413(alice: Person) -> None:
    answer = alice.send(PATH, b'{"name": "' + b"x" * 2_000_000 + b'"}')
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", ""])
def test_another_content_type_is_415(alice: Person, kind: str) -> None:
    answer = alice.send(PATH, b"{}", content_type=kind)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_a_multipart_body_without_its_boundary_is_a_fault_of_the_request(alice: Person) -> None:
    answer = alice.send("/v1/files", b"x", content_type="multipart/form-data")
    assert answer.status_code == 400
    assert answer.json()["error"]["type"] == "invalid_request_error"


@pytest.mark.parametrize(
    ("query", "param"),
    [
        ("limit=0", "limit"), ("limit=101", "limit"), ("limit=ten", "limit"), ("order=up", "order"),
        ("colour=red", "colour"), ("after=%00", "after"),
    ],
)  # fmt: skip
def test_a_query_that_means_nothing_names_its_parameter(alice: Person, query: str, param: str) -> None:
    answer = alice.get(f"{PATH}?{query}")
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, param)


@pytest.mark.parametrize("name", ["x", "task_", "TASK_" + "0" * 26, "task_" + "u" * 26, "%00", "a" * 10_000, "%F0%9F"])
def test_a_malformed_id_is_an_absent_one(alice: Person, name: str) -> None:
    assert alice.get(f"{PATH}/{name}").status_code == 404


def test_addresses_and_methods_that_do_not_exist_are_told_in_the_same_shape(alice: Person) -> None:
    nowhere = alice.get("/v1/nothing")
    assert (nowhere.status_code, nowhere.json()["error"]["code"]) == (404, "not_found")
    wrong = alice.delete(PATH)
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (405, "method_not_allowed")
