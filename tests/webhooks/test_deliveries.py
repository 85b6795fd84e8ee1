"""What is picked, what follows from an outcome: W1 and W4 in the database, without a network."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import F
from django.db.models.functions import Now

from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from webhooks import schedule
from webhooks.models import Attempt, Delivery, Event, WebhookEndpoint
from webhooks.sending import Outcome
from webhooks.services.deliveries import INTERRUPTED, PER_ENDPOINT, PER_TENANT, Picked, pick, record
from webhooks.services.endpoints import create, update
from webhooks.services.events import emit

LEASE = timedelta(seconds=60)
DELIVERED = Outcome(duration_ms=12, status=200, excerpt="thanks")
BROKEN = Outcome(duration_ms=7, status=500, error="http_status", excerpt="oh no")


def endpoint(person: Person) -> str:
    with tenant_context(person.tenant.id):
        return str(create(by="key:x", url="https://hooks.example.com/", event_types=["*"]).row.id)


def emitted(person: Person, count: int = 1) -> None:
    with tenant_context(person.tenant.id):
        for _ in range(count):
            emit(type="model.ready", data={"id": "mdl_1"}, livemode=True)


def due(*, room: int = 100, flying: list[Picked] | None = None, lease: timedelta = LEASE) -> list[Picked]:
    return pick(room=room, lease=lease, flying=flying or [])


def state(tenant: UUID, picked: Picked) -> Delivery:
    with tenant_context(tenant):
        return Delivery.objects.get(id=picked.delivery)


def fall_due(tenant: UUID, **more: Any) -> None:
    with tenant_context(tenant):
        Delivery.objects.filter(state="pending").update(next_attempt_at=Now(), **more)


def seconds_until_next(tenant: UUID, picked: Picked) -> float:
    with tenant_context(tenant):
        wait = Delivery.objects.annotate(wait=F("next_attempt_at") - Now()).get(id=picked.delivery).wait
    return float(wait.total_seconds())


def test_what_is_picked_carries_all_that_sending_needs(alice: Person) -> None:
    whe = endpoint(alice)
    emitted(alice)
    (picked,) = due()
    assert (picked.tenant, picked.endpoint, picked.number) == (alice.tenant.id, whe, 1)
    assert picked.payload.startswith(b'{"id":"' + picked.event.encode())
    assert len(picked.seeds) == 1
    assert picked.seeds[0].salt not in repr(picked)


def test_a_picked_delivery_is_leased_and_falls_due_again_when_its_sender_is_lost(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    (first,) = due()
    assert due() == []
    fall_due(alice.tenant.id)  # the lease ends
    (second,) = due()
    assert (second.delivery, second.event, second.payload) == (first.delivery, first.event, first.payload)
    assert (first.number, second.number) == (1, 2)
    with tenant_context(alice.tenant.id):
        lost = Attempt.objects.get(delivery=first.delivery, number=1)
    assert lost.ended_at is None


def test_the_database_ends_a_lease_by_its_own_clock(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    assert len(due(lease=timedelta(0))) == 1
    assert len(due()) == 1


def test_a_sender_that_lost_its_lease_decides_nothing(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    (stale,) = due(lease=timedelta(0))
    (current,) = due()
    record(stale, DELIVERED)
    assert state(alice.tenant.id, current).state == "pending"
    record(current, BROKEN)
    assert state(alice.tenant.id, current).state == "pending"
    with tenant_context(alice.tenant.id):
        assert Attempt.objects.get(delivery=stale.delivery, number=1).status == 200  # and still it is told


def test_a_success_ends_the_delivery_and_the_endpoints_failing(alice: Person) -> None:
    whe = endpoint(alice)
    emitted(alice)
    (first,) = due()
    record(first, BROKEN)
    with tenant_context(alice.tenant.id):
        assert WebhookEndpoint.objects.get(id=whe).failing_since is not None
    fall_due(alice.tenant.id)
    (second,) = due()
    record(second, DELIVERED)
    assert state(alice.tenant.id, second).state == "succeeded"
    with tenant_context(alice.tenant.id):
        assert WebhookEndpoint.objects.get(id=whe).failing_since is None
    told = alice.get(f"/v1/webhook_endpoints/{whe}/deliveries").json()["data"][0]
    assert told["status"] == "succeeded"
    assert [(one["number"], one["status_code"], one["error"], one["response"]) for one in told["attempts"]] == [
        (1, 500, "http_status", "oh no"),
        (2, 200, None, "thanks"),
    ]


def test_a_failure_waits_as_planned_and_the_tenth_is_the_last(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    for number in range(1, schedule.ATTEMPTS + 1):
        (picked,) = due()
        assert picked.number == number
        record(picked, BROKEN)
        if number < schedule.ATTEMPTS:
            planned = schedule.DELAYS_S[number - 1]
            assert planned - 5 <= seconds_until_next(alice.tenant.id, picked) <= planned * 1.1
            fall_due(alice.tenant.id)
    ended = state(alice.tenant.id, picked)
    assert (ended.state, ended.next_attempt_at, ended.attempts) == ("failed", None, 10)


def test_retry_after_lengthens_the_wait(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    (picked,) = due()
    record(picked, Outcome(duration_ms=1, status=429, error="http_status", retry_after_s=900))
    assert 890 <= seconds_until_next(alice.tenant.id, picked) <= 901


def test_an_interrupted_attempt_is_made_again_at_once(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    (picked,) = due()
    record(picked, Outcome(duration_ms=0, error=INTERRUPTED))
    assert [one.number for one in due()] == [2]


def test_410_disables_the_endpoint_cancels_what_waits_and_tells_the_others(alice: Person) -> None:
    gone, other = endpoint(alice), endpoint(alice)
    emitted(alice, 2)
    picked = {one.endpoint: one for one in due()}
    record(picked[gone], Outcome(duration_ms=1, status=410, error="http_status"))
    with tenant_context(alice.tenant.id):
        row = WebhookEndpoint.objects.get(id=gone)
        assert (row.enabled, row.disabled_reason) == (False, "gone")
        assert set(Delivery.objects.filter(endpoint=gone).values_list("state", flat=True)) == {"cancelled"}
        notice = Event.objects.get(type="webhook_endpoint.disabled")
        assert notice.content["data"]["id"] == gone
        assert notice.content["data"]["reason"] == "gone"
        assert list(notice.deliveries.values_list("endpoint_id", flat=True)) == [other]
        assert AuditLog.objects.get(action="webhook_endpoint.disabled").actor == "system:courier"


@pytest.mark.parametrize(("days", "enabled"), [(4.9, True), (5.1, False)])
def test_five_days_of_failure_disable_the_endpoint(alice: Person, days: float, *, enabled: bool) -> None:
    whe = endpoint(alice)
    emitted(alice)
    with tenant_context(alice.tenant.id):
        WebhookEndpoint.objects.update(failing_since=Now() - timedelta(days=days))
    (picked,) = due()
    record(picked, BROKEN)
    with tenant_context(alice.tenant.id):
        row = WebhookEndpoint.objects.get(id=whe)
    assert (row.enabled, row.disabled_reason) == (enabled, "" if enabled else "failing")


def test_what_was_queued_while_its_endpoint_was_being_disabled_is_cancelled(alice: Person) -> None:
    whe = endpoint(alice)
    emitted(alice)
    with tenant_context(alice.tenant.id):
        WebhookEndpoint.objects.update(enabled=False, disabled_reason="gone")
    assert due() == []
    with tenant_context(alice.tenant.id):
        assert Delivery.objects.get(endpoint=whe).state == "cancelled"
        assert not Attempt.objects.exists()


def test_a_deleted_endpoint_ends_its_deliveries_even_one_in_the_air(alice: Person) -> None:
    whe = endpoint(alice)
    emitted(alice)
    (picked,) = due()
    alice.delete(f"/v1/webhook_endpoints/{whe}")
    record(picked, DELIVERED)
    with tenant_context(alice.tenant.id):
        assert not Delivery.objects.exists()


def test_one_endpoint_fills_its_own_share_and_no_more(alice: Person) -> None:
    slow = endpoint(alice)
    emitted(alice, 50)
    quick = endpoint(alice)
    emitted(alice)
    first = due(room=20)
    assert [one.endpoint for one in first].count(slow) == PER_ENDPOINT
    assert [one.endpoint for one in first].count(quick) == 1
    assert [one.endpoint for one in due(room=20, flying=first)] == []
    assert len(due(room=20, flying=first[1:])) == 1


def test_one_tenant_fills_its_own_share_and_no_more(alice: Person, charlie: Person) -> None:
    for _ in range(10):
        endpoint(alice)
    emitted(alice, PER_ENDPOINT)
    endpoint(charlie)
    emitted(charlie)
    tenants = [one.tenant for one in due(room=1_000)]
    assert tenants.count(alice.tenant.id) == PER_TENANT
    assert tenants.count(charlie.tenant.id) == 1


def test_the_room_that_is_left_bounds_what_is_picked(alice: Person) -> None:
    endpoint(alice)
    emitted(alice, 3)
    assert len(due(room=2)) == 2


def test_a_changed_url_counts_from_the_next_attempt_on(alice: Person) -> None:
    whe = endpoint(alice)
    emitted(alice)
    with tenant_context(alice.tenant.id):
        update(by="key:x", endpoint=WebhookEndpoint.objects.get(id=whe), url="https://new.example.com/")
    assert [one.url for one in due()] == ["https://new.example.com/"]


def test_finding_what_is_due_reads_the_index_of_what_is_due(alice: Person) -> None:
    endpoint(alice)
    emitted(alice)
    with connections["system"].cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT id FROM webhooks_delivery WHERE state = 'pending' AND next_attempt_at <= now() "
            "ORDER BY next_attempt_at LIMIT 10"
        )
        plan = "\n".join(line for (line,) in cursor.fetchall())
        cursor.execute("RESET enable_seqscan")
    assert "deliveries_due" in plan
    assert "Sort" not in plan
