"""/v1/events: what happened, frozen, and sent again on demand."""

from typing import Any
from uuid import UUID

import pytest

from tenants.scoping import tenant_context
from tests.conftest import Person
from webhooks.models import Delivery, Event
from webhooks.services.endpoints import create
from webhooks.services.events import emit

URL = "https://hooks.example.com/landfall"


def emitted(tenant: UUID, kind: str = "model.ready", **data: Any) -> Event:
    with tenant_context(tenant):
        return emit(type=kind, data={"id": "mdl_1", **data}, livemode=True)


def endpoint(tenant: UUID, *types: str, livemode: bool = True) -> str:
    with tenant_context(tenant):
        return str(create(by="key:x", url=URL, event_types=types or ("*",), livemode=livemode).row.id)


def queued(tenant: UUID, event: Event) -> list[str]:
    with tenant_context(tenant):
        return list(Delivery.objects.filter(event=event).order_by("id").values_list("endpoint_id", flat=True))


def test_an_event_is_read_as_it_was_sent(alice: Person) -> None:
    event = emitted(alice.tenant.id, name="Teile für Öfen")
    told = alice.get(f"/v1/events/{event.id}").json()
    assert told.pop("metadata") == {}
    assert told == event.content
    assert (told["object"], told["type"], told["livemode"]) == ("event", "model.ready", True)
    assert told["data"] == {"id": "mdl_1", "name": "Teile für Öfen"}
    assert isinstance(told["created_at"], int)
    assert told["timestamp"].endswith("Z")


def test_events_go_to_those_who_asked_for_their_type_and_mode(alice: Person, charlie: Person) -> None:
    tenant = alice.tenant.id
    everything, mine = endpoint(tenant), endpoint(tenant, "model.ready", "dataset.ready")
    endpoint(tenant, "dataset.ready")
    endpoint(tenant, livemode=False)
    endpoint(charlie.tenant.id)
    with tenant_context(tenant):
        off = create(by="key:x", url=URL, event_types=["*"]).row
    alice.post(f"/v1/webhook_endpoints/{off.id}", json={"enabled": False})
    assert queued(tenant, emitted(tenant)) == [everything, mine]


def test_an_event_dies_with_the_transaction_of_its_fact(alice: Person) -> None:
    endpoint(alice.tenant.id)

    def failing() -> None:
        with tenant_context(alice.tenant.id):
            emit(type="model.ready", data={"id": "mdl_1"}, livemode=True)
            raise RuntimeError("the fact did not happen")

    with pytest.raises(RuntimeError, match="did not happen"):
        failing()
    with tenant_context(alice.tenant.id):
        assert not Event.objects.exists()
        assert not Delivery.objects.exists()


def test_an_unknown_type_is_a_fault_of_ours(alice: Person) -> None:
    with tenant_context(alice.tenant.id), pytest.raises(ValueError, match="event_types"):
        emit(type="model.redy", data={"id": "mdl_1"}, livemode=True)


def test_events_are_listed_newest_first_and_by_type(alice: Person, charlie: Person) -> None:
    first, second = emitted(alice.tenant.id), emitted(alice.tenant.id, "dataset.ready")
    assert [row["id"] for row in alice.get("/v1/events").json()["data"]] == [second.id, first.id]
    assert [row["id"] for row in alice.get("/v1/events?type=model.ready").json()["data"]] == [first.id]
    assert alice.get("/v1/events?type=model.redy").json()["error"]["code"] == "invalid_choice"
    assert charlie.get("/v1/events").json()["data"] == []


def test_an_event_is_sent_again_to_one_or_to_all(alice: Person) -> None:
    tenant = alice.tenant.id
    event = emitted(tenant)
    first, second = endpoint(tenant), endpoint(tenant)
    one = alice.post(f"/v1/events/{event.id}/resend", json={"webhook_endpoint": first})
    assert one.status_code == 202
    assert queued(tenant, event) == [first]
    assert len(alice.post(f"/v1/events/{event.id}/resend", json={}).json()["deliveries"]) == 2
    assert sorted(queued(tenant, event)) == sorted([first, first, second])


def test_another_tenants_event_or_endpoint_is_as_good_as_absent(alice: Person, charlie: Person) -> None:
    event, theirs = emitted(alice.tenant.id), endpoint(charlie.tenant.id)
    assert charlie.get(f"/v1/events/{event.id}").status_code == 404
    assert charlie.post(f"/v1/events/{event.id}/resend", json={}).status_code == 404
    assert alice.post(f"/v1/events/{event.id}/resend", json={"webhook_endpoint": theirs}).status_code == 404


def test_recovering_sends_what_was_missed_and_nothing_twice(alice: Person) -> None:
    tenant = alice.tenant.id
    missed, unwanted = emitted(tenant), emitted(tenant, "dataset.ready")
    late = endpoint(tenant, "model.ready")
    arriving = emitted(tenant)
    alice.post(f"/v1/webhook_endpoints/{endpoint(tenant)}/test", json={"event_type": "model.ready"})
    answer = alice.post(f"/v1/webhook_endpoints/{late}/recover", json={"since": 0})
    assert (answer.status_code, answer.json()["events"]) == (202, 1)
    assert queued(tenant, missed) == [late]
    assert late not in queued(tenant, unwanted)
    assert queued(tenant, arriving).count(late) == 1


@pytest.mark.parametrize("since", [None, "yesterday", -1, 10**15, 1.5, True])
def test_a_moment_that_is_none_is_refused(alice: Person, since: object) -> None:
    answer = alice.post(f"/v1/webhook_endpoints/{endpoint(alice.tenant.id)}/recover", json={"since": since})
    assert answer.status_code == 400
    assert answer.json()["error"]["param"] == "since"


def test_a_test_event_goes_to_its_endpoint_alone_and_says_what_it_is(alice: Person) -> None:
    tenant = alice.tenant.id
    mine = endpoint(tenant, "dataset.ready")
    endpoint(tenant)
    answer = alice.post(f"/v1/webhook_endpoints/{mine}/test", json={"event_type": "model.ready"}).json()
    assert (answer["object"], answer["webhook_endpoint_id"]) == ("webhook_endpoint.test", mine)
    with tenant_context(tenant):
        event = Event.objects.get(id=answer["event"])
    assert event.content["data"]["test"] is True
    assert queued(tenant, event) == [mine]
