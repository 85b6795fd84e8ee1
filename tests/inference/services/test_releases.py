"""What answers behind an endpoint, and what it takes to change that."""

import json
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from django.db import connections

from api.errors import NotFound
from contracts.prediction import Placement
from inference.models import Endpoint, Release
from inference.services import endpoints, placements, releases
from inference.services.trained import NoSuchModel
from tenants.models import AuditLog, Tenant
from tenants.scoping import tenant_context
from tests.inference import trained
from training.models import Model
from webhooks.models import Event

BY = "system:test"


def placed(tenant: Tenant, endpoint: str = "parts") -> str | None:
    """The model that answers now."""
    found = placements.find(tenant.id, endpoint)
    return found.model if found else None


def deployed(tenant: Tenant, model: str, name: str = "parts") -> Endpoint:
    with tenant_context(tenant.id):
        return releases.deploy(by=BY, name=name, model=model)


def test_deploy_makes_the_endpoint_once_and_then_releases_to_it(acme: Tenant) -> None:
    first, second = trained.model(acme), trained.model(acme)
    endpoint = deployed(acme, first)
    assert (endpoint.name, endpoint.release.number, endpoint.release.model_id) == ("parts", 1, first)
    again = deployed(acme, second)
    assert (again.id, again.release.number, again.release.model_id) == (endpoint.id, 2, second)


def test_a_model_that_the_runtime_cannot_answer_with_is_not_released(acme: Tenant) -> None:
    writer = trained.model(acme, kind="translation")
    with pytest.raises(releases.NotServed, match=r"translation \(sentences\) are trained and downloaded"):
        deployed(acme, writer)
    assert placed(acme) is None


def test_two_forms_of_a_kind_answer_differently_and_share_no_endpoint(acme: Tenant) -> None:
    one = trained.model(acme)
    deployed(acme, one)
    with pytest.raises(releases.KindMismatch, match=r"answers text-classification \(single-label\)"):
        deployed(acme, trained.model(acme, form="multi-label"))
    assert placed(acme) == one


def test_a_model_is_found_by_its_id_while_it_answers(acme: Tenant, globex: Tenant) -> None:
    first, second = trained.model(acme), trained.model(acme)
    deployed(acme, first)
    assert placed(acme, first) == first
    assert placements.find(globex.id, first) is None
    deployed(acme, second)
    assert (placed(acme, first), placed(acme, second)) == (None, second)


def test_a_placement_says_all_the_runtime_needs_by_id_and_by_name(acme: Tenant) -> None:
    model = trained.model(acme)
    endpoint = deployed(acme, model)
    prefix = f"tenants/{acme.id}/models/{model}/1/"
    expected = Placement(
        tenant=str(acme.id), endpoint=endpoint.id, model=model, task_kind="text-classification",
        task_form="single-label", prefix=prefix,
    )  # fmt: skip
    assert placements.find(acme.id, endpoint.id) == expected
    assert placements.find(acme.id, "parts") == expected


def test_nothing_is_placed_for_strangers_nor_before_a_release_nor_after_the_end(acme: Tenant, globex: Tenant) -> None:
    endpoint = deployed(acme, trained.model(acme))
    assert placed(globex, endpoint.id) is None
    assert placed(globex) is None
    with tenant_context(acme.id):
        endpoints.create(by=BY, name="empty")
        endpoints.delete(by=BY, endpoint=endpoint)
    assert placed(acme, "empty") is None
    assert placed(acme, endpoint.id) is None


@pytest.mark.parametrize("key", ["", "a\x00b", "PARTS", "ep_1", "x" * 10_000, "ep_' OR 1=1"])
def test_what_could_be_no_endpoint_is_placed_nowhere(acme: Tenant, key: str) -> None:
    assert placed(acme, key) is None


def test_a_rollback_returns_to_what_answered_before(acme: Tenant) -> None:
    good, bad, better = (trained.model(acme) for _ in range(3))
    endpoint = deployed(acme, good)
    deployed(acme, bad)
    with tenant_context(acme.id):
        assert releases.rollback(by=BY, endpoint=endpoint).model_id == good
    assert placed(acme) == good
    deployed(acme, better)
    with tenant_context(acme.id):
        releases.rollback(by=BY, endpoint=endpoint)
    assert placed(acme) == good, "the release that was rolled back must not come back"
    with tenant_context(acme.id):
        assert list(Release.objects.order_by("number").values_list("number", "model_id")) == [
            (1, good),
            (2, bad),
            (3, better),
        ]


def test_the_first_release_cannot_be_rolled_back(acme: Tenant) -> None:
    endpoint = deployed(acme, trained.model(acme))
    with tenant_context(acme.id), pytest.raises(releases.NothingToRollBackTo):
        releases.rollback(by=BY, endpoint=endpoint)
    with tenant_context(acme.id), pytest.raises(releases.NothingToRollBackTo):
        releases.rollback(by=BY, endpoint=endpoints.create(by=BY, name="empty"))


def test_a_model_of_another_kind_is_refused(acme: Tenant) -> None:
    model = trained.model(acme)
    deployed(acme, model)
    other = trained.model(acme, kind="token-classification")
    with pytest.raises(releases.KindMismatch, match="answers text-classification"):
        deployed(acme, other)
    assert placed(acme) == model


def test_a_foreign_model_is_an_absent_one(acme: Tenant, globex: Tenant) -> None:
    foreign = trained.model(globex)
    with pytest.raises(NoSuchModel, match=foreign):
        deployed(acme, foreign)
    with tenant_context(acme.id):
        assert not Endpoint.objects.exists(), "a refused deploy leaves no endpoint"


def test_each_switch_is_told_once_to_the_audit_log_and_to_webhooks(acme: Tenant) -> None:
    first, second = trained.model(acme), trained.model(acme)
    endpoint = deployed(acme, first)
    deployed(acme, second)
    with tenant_context(acme.id):
        releases.rollback(by="key:key_1", endpoint=endpoint)
        lines = list(AuditLog.objects.filter(target=endpoint.id).order_by("id").values_list("actor", "action"))
        told = [json.loads(bytes(event.payload)) for event in Event.objects.order_by("id")]
    assert lines == [
        (BY, "endpoint.created"),
        (BY, "endpoint.released"),
        (BY, "endpoint.released"),
        ("key:key_1", "endpoint.rolled_back"),
    ]
    assert [(event["type"], event["data"]["id"], event["data"]["model"]) for event in told] == [
        ("endpoint.released", endpoint.id, first),
        ("endpoint.released", endpoint.id, second),
        ("endpoint.rolled_back", endpoint.id, first),
    ]


def test_a_release_that_does_not_commit_leaves_nothing(acme: Tenant) -> None:
    model = trained.model(acme)
    deployed(acme, model)
    with pytest.raises(ZeroDivisionError):
        deploy_and_fail(acme)
    assert placed(acme) == model
    with tenant_context(acme.id):
        assert (Release.objects.count(), Event.objects.count()) == (1, 1)


def deploy_and_fail(tenant: Tenant) -> None:
    """A release of the tenant's model, and an error after it in the same transaction."""
    with tenant_context(tenant.id):
        releases.deploy(by=BY, name="parts", model=Model.objects.values_list("id", flat=True).get())
        raise ZeroDivisionError


def test_releases_at_the_same_moment_follow_one_another(acme: Tenant) -> None:
    models = [trained.model(acme) for _ in range(6)]

    def deploy(tenant: UUID, model: str) -> None:
        try:
            with tenant_context(tenant):
                releases.deploy(by=BY, name="parts", model=model)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(deploy, [acme.id] * 6, models))
    with tenant_context(acme.id):
        endpoint = Endpoint.objects.get()
        chain = {release.id: release for release in Release.objects.all()}
        assert sorted(release.number for release in chain.values()) == [1, 2, 3, 4, 5, 6]
        walked, step = 0, endpoint.release
        while step is not None:
            walked, step = walked + 1, chain.get(step.replaced_id)
        assert walked == 6, "each release remembers the one it replaced"


def test_switching_a_deleted_endpoint_finds_none(acme: Tenant) -> None:
    endpoint = deployed(acme, trained.model(acme))
    with tenant_context(acme.id):
        endpoints.delete(by=BY, endpoint=endpoints.find("parts"))
    for switch in (releases.rollback, endpoints.delete):
        with tenant_context(acme.id), pytest.raises(NotFound):
            switch(by=BY, endpoint=endpoint)
