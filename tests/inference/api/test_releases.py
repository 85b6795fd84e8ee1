"""/v1/endpoints/{id}/releases and /rollback as a customer uses them."""

from typing import Any

from tenants.scoping import tenant_context
from tenants.services import api_keys
from tests.conftest import Person
from tests.inference import trained
from tests.inference.api.test_endpoints import created, error


def released(person: Person, model: str) -> dict[str, Any]:
    answer = person.post("/v1/endpoints/parts/releases", json={"model": model})
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def test_a_release_answers_at_once_and_the_list_says_which_does(alice: Person, bob: Person) -> None:
    first, second = trained.model(alice.tenant), trained.model(alice.tenant)
    made = created(alice, model=first)
    new = released(bob, second)
    assert (new["object"], new["endpoint"], new["number"], new["current"]) == ("endpoint.release", made["id"], 2, True)
    endpoint = alice.get("/v1/endpoints/parts").json()
    assert endpoint["release"].items() >= {"id": new["id"], "number": 2, "model": second}.items()
    listed = alice.get(f"/v1/endpoints/{made['id']}/releases").json()["data"]
    assert [(row["number"], row["model"], row["current"]) for row in listed] == [(2, second, True), (1, first, False)]
    assert listed[0] == new


def test_a_rollback_answers_with_the_endpoint_as_it_was(alice: Person) -> None:
    first = trained.model(alice.tenant)
    before = created(alice, model=first)
    released(alice, trained.model(alice.tenant))
    back = alice.post("/v1/endpoints/parts/rollback")
    assert (back.status_code, back.json()) == (200, before)
    again = alice.post("/v1/endpoints/parts/rollback")
    assert error(again) == (400, "nothing_to_roll_back_to", "id")
    assert again.headers["x-should-retry"] == "false"


def test_customers_are_told_of_switches_as_events(alice: Person, charlie: Person) -> None:
    model = trained.model(alice.tenant)
    made = created(alice, model=model)
    released(alice, trained.model(alice.tenant))
    alice.post("/v1/endpoints/parts/rollback")
    events = alice.get("/v1/events").json()["data"]
    assert [event["type"] for event in events] == ["endpoint.rolled_back", "endpoint.released", "endpoint.released"]
    assert events[0]["data"].items() >= {"id": made["id"], "name": "parts", "model": model}.items()
    assert charlie.get("/v1/events").json()["data"] == []


def test_a_foreign_model_is_refused_exactly_like_an_absent_one(alice: Person, charlie: Person) -> None:
    created(alice)
    foreign, absent = trained.model(charlie.tenant), "mdl_01h455vb4pex5vsknk084sn02q"
    told = []
    for model in (foreign, absent):
        refused = alice.post("/v1/endpoints/parts/releases", json={"model": model})
        assert error(refused) == (404, "not_found", "model")
        told.append(refused.json()["error"]["message"].replace(model, "MODEL"))
    assert told[0] == told[1]
    assert alice.get("/v1/endpoints/parts/releases").json()["data"] == []


def test_a_model_of_another_kind_is_a_lasting_conflict(alice: Person) -> None:
    created(alice, model=trained.model(alice.tenant))
    other = trained.model(alice.tenant, kind="token-classification")
    refused = alice.post("/v1/endpoints/parts/releases", json={"model": other})
    assert error(refused) == (400, "kind_mismatch", "model")
    assert refused.headers["x-should-retry"] == "false"


def test_an_empty_endpoint_takes_the_kind_of_its_first_model_if_that_is_served(alice: Person) -> None:
    created(alice)
    writer = trained.model(alice.tenant, kind="translation")
    refused = alice.post("/v1/endpoints/parts/releases", json={"model": writer})
    assert error(refused) == (400, "task_not_served", "model")
    released(alice, trained.model(alice.tenant))
    endpoint = alice.get("/v1/endpoints/parts").json()
    assert (endpoint["task"], endpoint["form"], endpoint["status"]) == ("text-classification", "single-label", "ready")


def test_fields_are_checked(alice: Person) -> None:
    created(alice)
    assert error(alice.post("/v1/endpoints/parts/releases", json={})) == (400, "missing", "model")
    assert error(alice.post("/v1/endpoints/parts/rollback", json={"to": 1})) == (400, "unknown_field", "to")


def test_a_key_that_may_only_read_changes_nothing(alice: Person) -> None:
    model = trained.model(alice.tenant)
    made = created(alice, model=model)
    with tenant_context(alice.tenant.id):
        issued = api_keys.issue(by="system:test", name="reader", scopes=["read"])
    reader = Person(tenant=alice.tenant, key=issued.secret)
    assert reader.get("/v1/endpoints/parts").json() == made
    answers = [
        reader.post("/v1/endpoints", json={"name": "other"}),
        reader.post("/v1/endpoints/parts/releases", json={"model": model}),
        reader.post("/v1/endpoints/parts/rollback"),
        reader.delete("/v1/endpoints/parts"),
    ]
    assert {error(answer)[:2] for answer in answers} == {(403, "missing_scope")}
    assert reader.get("/v1/endpoints").json()["data"] == [made]
