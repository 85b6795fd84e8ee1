"""/v1/webhook_endpoints as a customer uses it, with the outsider always in the room."""

from typing import Any

import pytest
from django.test import override_settings
from openai.types import webhooks as types

from tenants.models import ApiKey, AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from webhooks.models import EndpointSecret
from webhooks.services import endpoints

URL = "https://hooks.example.com/landfall"


def created(person: Person, **more: Any) -> dict[str, Any]:
    answer = person.post("/v1/webhook_endpoints", json={"url": URL, "event_types": ["*"], **more})
    assert answer.status_code == 201, answer.json()
    made: dict[str, Any] = answer.json()
    return made


def codes(answer: Any) -> dict[str, str]:
    return {fault["param"]: fault["code"] for fault in answer.json()["error"]["errors"]}


def test_an_endpoint_is_made_and_its_secret_shown_this_once(alice: Person) -> None:
    made = created(alice, name="Ours", event_types=["fine_tuning.job.succeeded"], metadata={"team": "parts"})
    secret = made.pop("signing_secret")
    assert secret.startswith("whsec_")
    assert made["signing_secret_hint"] == f"whsec_...{secret[-4:]}"
    assert (made["object"], made["enabled"], made["livemode"]) == ("webhook_endpoint", True, True)
    assert made["metadata"] == {"team": "parts"}
    again = alice.get(f"/v1/webhook_endpoints/{made['id']}")
    assert again.json() == made
    assert secret not in alice.get("/v1/webhook_endpoints").content.decode()


def test_the_secret_is_nowhere_in_the_database(alice: Person) -> None:
    made = created(alice)
    with tenant_context(alice.tenant.id):
        stored = EndpointSecret.objects.values().get(endpoint=made["id"])
        lines = list(AuditLog.objects.filter(target=made["id"]).values())
    assert made["signing_secret"] not in str(stored) + str(lines)
    assert URL not in str(lines)


def test_a_replayed_creation_does_not_show_the_secret_again(alice: Person) -> None:
    asked = {"url": URL, "event_types": ["*"]}
    first = alice.post("/v1/webhook_endpoints", json=asked, **{"Idempotency-Key": "once"}).json()
    second = alice.post("/v1/webhook_endpoints", json=asked, **{"Idempotency-Key": "once"}).json()
    assert second == {**first, "signing_secret": None}


def test_all_faults_are_told_at_once(alice: Person) -> None:
    asked = {"url": "http://me@127.1/", "event_types": ["model.redy"], "colour": "red", "metadata": {"a": 1}}
    answer = alice.post("/v1/webhook_endpoints", json=asked)
    assert answer.status_code == 400
    told = answer.json()["error"]["errors"]
    assert {fault["code"] for fault in told if fault["param"] == "url"} == {
        "https_required",
        "credentials_in_url",
        "invalid_host",
    }
    assert any(fault["code"] == "unknown_event_type" and "'model.ready'" in fault["message"] for fault in told)
    assert codes(answer)["colour"] == "unknown_field"
    assert any(fault["param"].startswith("metadata") for fault in told)


@pytest.mark.parametrize("value", [None, 7, [], {}, "", "a\x00b"])
def test_a_url_that_is_no_url_is_a_fault_of_the_customers(alice: Person, value: object) -> None:
    answer = alice.post("/v1/webhook_endpoints", json={"url": value, "event_types": ["*"]})
    assert answer.status_code == 400


def test_the_service_itself_is_no_receiver(alice: Person) -> None:
    with override_settings(BASE_URL="https://landfall.example.com", WEBHOOKS_ALLOW_LOOPBACK=False):
        answer = alice.post(
            "/v1/webhook_endpoints", json={"url": "https://landfall.example.com/v1/files", "event_types": ["*"]}
        )
    assert codes(answer) == {"url": "own_host"}


def test_changes_change_what_is_given_and_nothing_else(alice: Person) -> None:
    made = created(alice, name="Ours")
    changed = alice.post(f"/v1/webhook_endpoints/{made['id']}", json={"name": "Theirs", "enabled": False}).json()
    assert (changed["name"], changed["enabled"], changed["disabled_reason"]) == ("Theirs", False, "by_customer")
    assert changed["url"] == URL
    back = alice.post(f"/v1/webhook_endpoints/{made['id']}", json={"enabled": True}).json()
    assert (back["enabled"], back["disabled_reason"]) == (True, None)


def test_a_change_to_a_bad_url_is_refused(alice: Person) -> None:
    made = created(alice)
    answer = alice.post(f"/v1/webhook_endpoints/{made['id']}", json={"url": "https://10.0.0.1/"})
    assert answer.status_code == 400
    assert alice.get(f"/v1/webhook_endpoints/{made['id']}").json()["url"] == URL


def test_a_deleted_endpoint_is_gone(alice: Person) -> None:
    made = created(alice)
    answer = alice.delete(f"/v1/webhook_endpoints/{made['id']}")
    assert answer.json() == {"id": made["id"], "object": "webhook_endpoint.deleted", "deleted": True}
    assert alice.get(f"/v1/webhook_endpoints/{made['id']}").status_code == 404


def test_a_rotated_secret_replaces_the_old_one_at_once_or_after_a_day(alice: Person) -> None:
    made = created(alice)
    path = f"/v1/webhook_endpoints/{made['id']}/rotate_secret"
    second = alice.post(path, json={"keep_old_secret_active_for_24_hours": True}).json()
    assert second["signing_secret"] != made["signing_secret"]
    with tenant_context(alice.tenant.id):
        assert EndpointSecret.objects.filter(endpoint=made["id"]).count() == 2
    third = alice.post(path, json={}).json()
    assert (
        third["signing_secret_hint"] == alice.get(f"/v1/webhook_endpoints/{made['id']}").json()["signing_secret_hint"]
    )
    with tenant_context(alice.tenant.id):
        assert EndpointSecret.objects.filter(endpoint=made["id"]).count() == 1


def test_each_write_leaves_exactly_one_audit_line(alice: Person) -> None:
    made = created(alice)
    path = f"/v1/webhook_endpoints/{made['id']}"
    alice.post(path, json={"name": "x"})
    alice.post(f"{path}/rotate_secret", json={})
    alice.post(f"{path}/test", json={})
    alice.delete(path)
    with tenant_context(alice.tenant.id):
        lines = AuditLog.objects.filter(target=made["id"]).order_by("id").values_list("action", flat=True)
        assert list(lines) == [
            "webhook_endpoint.created",
            "webhook_endpoint.updated",
            "webhook_endpoint.secret_rotated",
            "webhook_endpoint.tested",
            "webhook_endpoint.deleted",
        ]


def test_there_are_at_most_so_many_endpoints(alice: Person, charlie: Person) -> None:
    for _ in range(endpoints.MOST):
        created(alice)
    answer = alice.post("/v1/webhook_endpoints", json={"url": URL, "event_types": ["*"]})
    assert answer.json()["error"]["code"] == "too_many_endpoints"
    created(charlie)


ROUTES = [
    ("get", ""),
    ("post", ""),
    ("delete", ""),
    ("get", "/deliveries"),
    ("post", "/recover"),
    ("post", "/rotate_secret"),
    ("post", "/test"),
]


@pytest.mark.parametrize(("verb", "suffix"), ROUTES)
def test_another_tenants_endpoint_answers_exactly_like_an_absent_one(
    alice: Person, charlie: Person, verb: str, suffix: str
) -> None:
    theirs, absent = created(alice)["id"], "whe_" + "0" * 26
    body = {"json": {"since": 0} if suffix == "/recover" else {}} if verb == "post" else {}
    answers = [getattr(charlie, verb)(f"/v1/webhook_endpoints/{key}{suffix}", **body) for key in (theirs, absent)]
    assert [answer.status_code for answer in answers] == [404, 404]
    told = [answer.json()["error"] for answer in answers]
    for error, key in zip(told, (theirs, absent), strict=True):
        error["message"] = error["message"].replace(key, "")
        error["errors"][0]["message"] = error["errors"][0]["message"].replace(key, "")
        del error["request_id"]
    assert told[0] == told[1]


def test_lists_hold_the_tenants_own(alice: Person, bob: Person, charlie: Person) -> None:
    made = created(alice)
    assert [row["id"] for row in bob.get("/v1/webhook_endpoints").json()["data"]] == [made["id"]]
    assert charlie.get("/v1/webhook_endpoints").json()["data"] == []


def test_a_key_without_the_admin_scope_reads_and_does_not_write(alice: Person) -> None:
    made = created(alice)
    with tenant_context(alice.tenant.id):
        ApiKey.objects.update(scopes=["read", "write"])
    assert alice.get("/v1/webhook_endpoints").status_code == 200
    for verb, suffix in ROUTES:
        if verb != "get":
            answer = getattr(alice, verb)(f"/v1/webhook_endpoints/{made['id']}{suffix}")
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "missing_scope")


def test_a_disabled_endpoint_is_neither_tested_nor_recovered(alice: Person) -> None:
    path = f"/v1/webhook_endpoints/{created(alice)['id']}"
    alice.post(path, json={"enabled": False})
    for suffix, body in (("/test", {}), ("/recover", {"since": 0})):
        assert alice.post(path + suffix, json=body).json()["error"]["code"] == "endpoint_disabled"


def test_the_filter_of_deliveries_names_what_it_knows(alice: Person) -> None:
    path = f"/v1/webhook_endpoints/{created(alice)['id']}/deliveries"
    assert alice.get(f"{path}?status=pending").json()["data"] == []
    answer = alice.get(f"{path}?status=lost")
    assert (answer.status_code, codes(answer)) == (400, {"status": "invalid_choice"})


def test_the_openai_sdks_types_fit_our_answers(alice: Person) -> None:
    made = created(alice)
    assert types.WebhookEndpointWithSecret.model_validate(made).signing_secret == made["signing_secret"]
    listed = alice.get("/v1/webhook_endpoints").json()
    assert types.WebhookEndpointList.model_validate(listed).data[0].id == made["id"]
    kinds = alice.get("/v1/webhook_event_types").json()
    assert "fine_tuning.job.succeeded" in types.WebhookEventTypeList.model_validate(kinds).data
    deleted = alice.delete(f"/v1/webhook_endpoints/{made['id']}").json()
    assert types.DeletedWebhookEndpoint.model_validate(deleted).deleted
