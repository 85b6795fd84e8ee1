"""Tenant first, tenant filterable, and each look at a tenant's thing on the record."""

from typing import Any

import pytest
from django.db import ProgrammingError, connections
from django.db.models import Model, QuerySet
from django.test import Client, RequestFactory

from console.reading import TenantFilter
from console.site import site
from jobs.models import Job
from tenants.models import AuditLog, Tenant, User
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.console.conftest import label
from tests.console.furniture import REPORT, Room
from training.models import Model as TrainedModel
from webhooks.models import Attempt, Delivery

OWNED: list[type[Model]] = [model for model in site._registry if model not in (User, Tenant)]


def rows_of(model: type[Model]) -> QuerySet[Any]:
    rows: QuerySet[Any] = site._registry[model].get_queryset(RequestFactory().get("/"))
    return rows


def test_every_list_begins_with_the_tenant_and_filters_by_it() -> None:
    for model in OWNED:
        admin, request = site._registry[model], RequestFactory().get("/")
        assert admin.get_list_display(request)[0] == "tenant", model
        assert admin.get_list_filter(request)[0] is TenantFilter, model


def test_a_list_names_the_tenant_of_each_row_and_narrows_to_one(
    staff: Client, alice: Person, acmes: Room, globexes: Room
) -> None:
    path = "/console/webhooks/webhookendpoint/"
    both = staff.get(path).content.decode()
    assert all(name in both for name in ("Acme", "Globex", "Acme&#x27;s receiver", "Globex&#x27;s receiver"))
    one = staff.get(f"{path}?tenant={alice.tenant.id}").content.decode()
    assert "Acme&#x27;s receiver" in one
    assert "Globex&#x27;s receiver" not in one


def test_an_unknown_tenant_in_the_filter_breaks_nothing(staff: Client, acmes: Room) -> None:
    assert staff.get("/console/webhooks/event/?tenant=nonsense").status_code == 200


def test_looking_at_a_thing_writes_exactly_one_line_in_its_tenants_audit_log(
    staff: Client, alice: Person, charlie: Person, acmes: Room, globexes: Room
) -> None:
    seen = []
    for model in OWNED:
        row = rows_of(model).filter(tenant=alice.tenant)[0]
        assert staff.get(f"{label(model)}{row.pk}/change/").status_code == 200
        seen.append((f"staff:{User.objects.get().pk}", f"{model.__name__.lower()}.viewed", str(row.pk)))
    with tenant_context(alice.tenant.id):
        lines = AuditLog.objects.filter(action__endswith=".viewed").order_by("id")
        assert list(lines.values_list("actor", "action", "target")) == seen
    with tenant_context(charlie.tenant.id):
        assert not AuditLog.objects.filter(action__endswith=".viewed").exists()


def test_the_customer_sees_nothing_of_it_change_and_a_list_writes_no_line(
    staff: Client, alice: Person, acmes: Room
) -> None:
    staff.get("/console/webhooks/event/")
    staff.get("/console/")
    with tenant_context(alice.tenant.id):
        assert not AuditLog.objects.filter(actor__startswith="staff:").exists()


def test_a_missing_thing_is_no_reading(staff: Client, alice: Person) -> None:
    answer = staff.get("/console/webhooks/event/evt_00000000000000000000000000/change/")
    assert answer.status_code == 302
    with tenant_context(alice.tenant.id):
        assert not AuditLog.objects.filter(actor__startswith="staff:").exists()


def test_a_page_shows_what_belongs_to_the_thing(staff: Client, acmes: Room) -> None:
    delivery = Delivery.objects.unscoped(using="staff").get(state="pending")
    page = staff.get(f"/console/webhooks/delivery/{delivery.pk}/change/").content.decode()
    assert "HTTP 500" in page
    assert "Acme&#x27;s receiver is broken" in page
    event = staff.get(f"/console/webhooks/event/{delivery.event_id}/change/").content.decode()
    assert delivery.pk in event
    assert "&quot;object&quot;: &quot;event&quot;" in event


def test_a_job_shows_its_progress_its_events_and_what_staff_alone_may_read(staff: Client, acmes: Room) -> None:
    jobs = {row.state: row for row in rows_of(Job)}
    listed = staff.get("/console/jobs/job/").content.decode()
    assert 'aria-valuenow="25"' in listed
    assert "training 30/120, 42 s left" in listed
    failed = staff.get(f"/console/jobs/job/{jobs['failed'].pk}/change/").content.decode()
    for words in ("attempts_exhausted", "MemoryError", "The job is queued."):
        assert words in failed


def test_a_models_report_is_shown_where_it_can_do_nothing_and_on_the_record(
    staff: Client, alice: Person, acmes: Room
) -> None:
    model = rows_of(TrainedModel).get()
    answer = staff.get(f"/console/training/model/{model.pk}/report/")
    assert answer.content == REPORT
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    with tenant_context(alice.tenant.id):
        assert AuditLog.objects.filter(action="model.viewed", target=model.pk).count() == 1
    assert staff.get("/console/training/model/mdl_unknown/report/").status_code == 404
    assert Client().get(f"/console/training/model/{model.pk}/report/").status_code == 302


def test_no_secret_is_on_any_page(staff: Client, acmes: Room) -> None:
    pages = ["/console/"]
    for model in OWNED:
        pages += [label(model), *(f"{label(model)}{row.pk}/change/" for row in rows_of(model))]
    for page in pages:
        content = staff.get(page).content.decode()
        assert not [secret for secret in acmes.secrets if secret in content], page


def test_what_a_receiver_answers_is_shown_as_text(staff: Client, acmes: Room, alice: Person) -> None:
    with tenant_context(alice.tenant.id):
        Attempt.objects.update(excerpt="<script>alert(1)</script>")
    delivery = Delivery.objects.unscoped(using="staff")[0]
    page = staff.get(f"/console/webhooks/delivery/{delivery.pk}/change/").content.decode()
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_the_consoles_role_cannot_write(alice: Person, acmes: Room) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), connections["staff"].cursor() as cursor:
        cursor.execute("UPDATE webhooks_event SET type = 'changed'")


def test_the_overview_counts_both_tenants(staff: Client, acmes: Room, globexes: Room) -> None:
    page = staff.get("/console/").content.decode()
    assert "Webhook attempts that did not arrive" in page
    assert page.count("HTTP 500") == 2
    for name in ("Acme", "Globex"):
        assert f"<td>{name}</td>" in page
