"""/v1/endpoints as a customer uses it, with the outsider always in the room."""

from typing import Any

import pytest

from contracts import ids
from tests.conftest import Person
from tests.inference import trained


def created(person: Person, name: str = "parts", **more: Any) -> dict[str, Any]:
    answer = person.post("/v1/endpoints", json={"name": name, **more})
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def error(answer: Any) -> tuple[int, str, str | None]:
    told = answer.json()["error"]
    return answer.status_code, told["code"], told["param"]


def test_an_endpoint_without_a_model_is_empty(alice: Person) -> None:
    made = created(alice, metadata={"team": "parts"})
    assert ids.well_formed(made["id"], "ep")
    assert made.pop("created_at") > 0
    assert made == {
        "id": made["id"],
        "object": "endpoint",
        "livemode": True,
        "metadata": {"team": "parts"},
        "name": "parts",
        "task": None,
        "form": None,
        "status": "empty",
        "release": None,
        "urls": {
            "native": f"http://127.0.0.1:8000/v1/endpoints/{made['id']}/predict",
            "huggingface": f"http://127.0.0.1:8000/hf/{made['id']}",
        },
    }


def test_an_endpoint_with_a_model_is_ready(alice: Person, bob: Person) -> None:
    model = trained.model(alice.tenant)
    made = created(alice, model=model)
    assert (made["task"], made["status"]) == ("text-classification", "ready")
    assert made["release"].items() >= {"model": model, "number": 1}.items()
    assert bob.get("/v1/endpoints/parts").json() == made
    assert bob.get(f"/v1/endpoints/{made['id']}").json() == made
    assert bob.get("/v1/endpoints").json()["data"] == [made]


@pytest.mark.parametrize("path", ["", "/releases"])
def test_a_foreign_endpoint_reads_exactly_like_an_absent_one(alice: Person, charlie: Person, path: str) -> None:
    made = created(alice, model=trained.model(alice.tenant))
    absent = ids.new("ep")
    for key, other in ((made["id"], absent), ("parts", "ports")):
        foreign = charlie.get(f"/v1/endpoints/{key}{path}")
        unknown = charlie.get(f"/v1/endpoints/{other}{path}")
        assert error(foreign) == (404, "not_found", "id")
        assert anonymous(foreign, key) == anonymous(unknown, other)
    assert charlie.get("/v1/endpoints").json()["data"] == []


def test_a_foreign_endpoint_is_changed_exactly_like_an_absent_one(alice: Person, charlie: Person) -> None:
    made = created(alice, model=trained.model(alice.tenant))
    theirs = trained.model(charlie.tenant)
    for key in (made["id"], "parts", ids.new("ep")):
        answers = [
            charlie.delete(f"/v1/endpoints/{key}"),
            charlie.post(f"/v1/endpoints/{key}/rollback"),
            charlie.post(f"/v1/endpoints/{key}/releases", json={"model": theirs}),
        ]
        assert len({anonymous(answer, key) for answer in answers}) == 1
        assert error(answers[0]) == (404, "not_found", "id")
    assert alice.get("/v1/endpoints/parts").json() == made


def test_a_name_is_free_for_the_outsider_and_taken_for_the_colleague(
    alice: Person, bob: Person, charlie: Person
) -> None:
    created(alice)
    created(charlie)
    refused = bob.post("/v1/endpoints", json={"name": "parts"})
    assert error(refused) == (400, "name_taken", "name")
    assert refused.headers["x-should-retry"] == "false"


def test_a_refused_model_leaves_no_endpoint_behind(alice: Person, charlie: Person) -> None:
    for model in (ids.new("mdl"), trained.model(charlie.tenant), "minilm-l6", ""):
        refused = alice.post("/v1/endpoints", json={"name": "parts", "model": model})
        assert refused.status_code == (404 if model else 400)
        assert error(refused)[2] == "model"
    assert alice.get("/v1/endpoints").json()["data"] == []


def test_every_fault_is_told_at_once(alice: Person) -> None:
    refused = alice.post("/v1/endpoints", json={"nmae": "parts", "model": 7, "metadata": {"a": 1}})
    faults = {fault["param"]: fault["code"] for fault in refused.json()["error"]["errors"]}
    assert faults == {
        "name": "missing",
        "nmae": "unknown_field",
        "model": "wrong_type",
        "metadata.a": "wrong_type",
    }


def test_a_bad_name_is_refused_with_the_rule(alice: Person) -> None:
    refused = alice.post("/v1/endpoints", json={"name": "Parts & more"})
    assert error(refused) == (400, "invalid_name", "name")
    assert "a-z, 0-9" in refused.json()["error"]["message"]


@pytest.mark.parametrize("key", ["%00", "PARTS", "ep_1", "a%20b", "x" * 8_000, "%F0%9F%9A%97"])
def test_what_could_be_no_endpoint_is_absent(alice: Person, key: str) -> None:
    assert error(alice.get(f"/v1/endpoints/{key}"))[:2] == (404, "not_found")


def test_a_deleted_endpoint_is_gone_and_its_name_free(alice: Person) -> None:
    model = trained.model(alice.tenant)
    made = created(alice, model=model)
    gone = alice.delete("/v1/endpoints/parts")
    assert gone.json() == {"id": made["id"], "object": "endpoint.deleted", "deleted": True}
    assert alice.get(f"/v1/endpoints/{made['id']}").status_code == 404
    assert alice.delete("/v1/endpoints/parts").status_code == 404
    assert created(alice, model=model)["id"] != made["id"]


def test_endpoints_are_listed_newest_first_by_page_and_metadata(alice: Person) -> None:
    made = [created(alice, name=name, metadata={"team": name[0]})["id"] for name in ("a1", "a2", "b1")]
    first = alice.get("/v1/endpoints?limit=2").json()
    assert [row["id"] for row in first["data"]] == [made[2], made[1]]
    assert first["has_more"]
    rest = alice.get(f"/v1/endpoints?after={first['last_id']}").json()
    assert [row["id"] for row in rest["data"]] == [made[0]]
    filtered = alice.get("/v1/endpoints?metadata[team]=a").json()
    assert [row["id"] for row in filtered["data"]] == [made[1], made[0]]


def test_a_repeated_creation_with_its_key_is_answered_once(alice: Person) -> None:
    first = alice.post("/v1/endpoints", json={"name": "parts"}, **{"Idempotency-Key": "one"})
    second = alice.post("/v1/endpoints", json={"name": "parts"}, **{"Idempotency-Key": "one"})
    assert (second.status_code, second.json()) == (201, first.json())
    assert second.headers["Idempotent-Replayed"] == "true"


def anonymous(answer: Any, key: str) -> str:
    """The answer's body without what each request has of its own."""
    told = answer.json()["error"]
    assert told["request_id"].startswith("req_")
    return f"{answer.status_code} {told | {'request_id': None}}".replace(key, "KEY")
