"""Ids of another tenant's things inside bodies and queries, and names it has taken, tell nothing either."""

from typing import Any

from inference.models import Endpoint
from tenants.models import ApiKey
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.tenants.routes import NOUNS, Route, absent, every, id_of, told
from webhooks.models import WebhookEndpoint


# Ids of other things inside bodies and queries: told like absent ones too.
def bodies(named: dict[str, str], own: dict[str, str]) -> dict[str, Any]:
    job = {"model": "minilm-l6", "training_file": own["v1/files/"], "task": own["v1/tasks/"]}
    base = {"model": "minilm-l6"}
    return {
        "/v1/datasets": {"file": named["v1/files/"]},
        "/v1/tasks": {"name": "x", "type": "text-classification", "dataset": named["v1/datasets/"]},
        "/v1/fine_tuning/jobs#file": {**job, "training_file": named["v1/files/"]},
        "/v1/fine_tuning/jobs#task": {**job, "task": named["v1/tasks/"]},
        "/v1/fine_tuning/jobs#dataset": {**job, "dataset": named["v1/datasets/"]},
        "/v1/fine_tuning/jobs#model": {**job, "model": named["v1/models/"]},
        "/v1/pretraining/jobs#file": {**base, "training_file": named["v1/files/"]},
        "/v1/pretraining/jobs#dataset": {**base, "dataset": named["v1/datasets/"]},
        "/v1/pretraining/jobs#model": {"model": named["v1/models/"], "training_file": own["v1/files/"]},
        "/v1/endpoints": {"name": "new", "model": named["v1/models/"]},
        f"/v1/endpoints/{own['v1/endpoints/']}/releases": {"model": named["v1/models/"]},
        f"/v1/events/{own['v1/events/']}/resend": {"webhook_endpoint": named["v1/webhook_endpoints/"]},
    }


def ids_of(person: Person) -> dict[str, str]:
    found = {}
    with tenant_context(person.tenant.id):
        for prefix, noun in NOUNS.items():
            found[prefix] = noun.objects.values_list("pk", flat=True)[0]
    return found


def test_ids_inside_bodies_are_told_like_absent_ones(furnished: None, alice: Person, charlie: Person) -> None:
    theirs, own = ids_of(alice), ids_of(charlie)
    nobodys = {prefix: absent(key) for prefix, key in theirs.items()}
    for (where, foreign), none in zip(bodies(theirs, own).items(), bodies(nobodys, own).values(), strict=True):
        answers = []
        for body, names in ((foreign, theirs), (none, nobodys)):
            answer = charlie.post(where.partition("#")[0], json=body)
            status, text, headers = told(answer, "")
            for name in names.values():
                text = text.replace(name, "")
            answers.append((status, text, {**headers, "Content-Length": ""}))
        assert answers[0] == answers[1], where
        assert answers[0][0] in (400, 404), where


def test_cursors_of_another_tenant_are_told_like_absent_ones(furnished: None, alice: Person, charlie: Person) -> None:
    for route in every():
        if "get" not in route.verbs or "{}" in route.path or route.path == "v1/webhook_event_types":
            continue
        theirs = id_of(Route(route.path + "/{}", ()), alice)
        for cursor in ("after", "before"):
            foreign, none = (
                told(charlie.get(f"/{route.path}?{cursor}={key}"), key) for key in (theirs, absent(theirs))
            )
            assert foreign == none, route.path
            assert foreign[0] == 200


def test_a_name_that_another_tenant_uses_is_free(furnished: None, alice: Person, charlie: Person) -> None:
    with tenant_context(alice.tenant.id):
        name, url = Endpoint.objects.get().name, WebhookEndpoint.objects.get().url
        digest = ApiKey.objects.values_list("name", flat=True)[0]
    assert charlie.post("/v1/endpoints", json={"name": name}).status_code == 201
    assert charlie.post("/v1/webhook_endpoints", json={"url": url, "event_types": ["*"]}).status_code == 201
    assert charlie.post("/v1/organization/api_keys", json={"name": digest}).status_code == 201


def test_lists_never_hold_another_tenants_things(furnished: None, alice: Person, charlie: Person) -> None:
    theirs = set(ids_of(alice).values())
    for route in every():
        if "get" in route.verbs and "{}" not in route.path and route.path != "v1/webhook_event_types":
            listed = charlie.get(f"/{route.path}?limit=100").json()["data"]
            assert listed, route.path
            assert theirs.isdisjoint(row["id"] for row in listed), route.path
