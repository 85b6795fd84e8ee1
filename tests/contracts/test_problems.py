"""What a customer is told: all faults, the first of them as the headline, and little of their own input."""

from contracts import error_body
from contracts.problems import ECHO_LIMIT, Fault, Problem, echo


def test_the_first_of_several_faults_is_the_headline() -> None:
    faults = [Fault(code="a", message="First.", param="x"), Fault(code="b", message="Second.")]
    told = error_body.body(Problem.of(faults), 400, "req_1")["error"]
    assert (told["code"], told["message"], told["param"]) == ("a", "First.", "x")
    assert [fault["code"] for fault in told["errors"]] == ["a", "b"]
    assert (told["type"], told["request_id"]) == ("invalid_request_error", "req_1")


def test_input_is_repeated_in_part_and_printable_alone() -> None:
    assert echo("parts") == "'parts'"
    assert len(echo("x" * 5_000)) == ECHO_LIMIT + 2
    assert echo("a\x1b[31m\u202eb") == "'a�[31m�b'"


def test_each_status_has_its_type() -> None:
    types = {status: error_body.type_of(status) for status in (400, 401, 403, 404, 409, 418, 429, 500, 503)}
    assert types == {
        400: "invalid_request_error",
        401: "authentication_error",
        403: "permission_error",
        404: "not_found_error",
        409: "conflict_error",
        418: "invalid_request_error",
        429: "rate_limit_error",
        500: "api_error",
        503: "api_error",
    }
