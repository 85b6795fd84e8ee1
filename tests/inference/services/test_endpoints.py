"""Endpoints by name: whose they are, what they may be called."""

import pytest
from django.db.models import ProtectedError

from api.errors import NotFound
from contracts.problems import Problem
from inference.models import Endpoint, Release
from inference.services import endpoints, releases
from tenants.models import AuditLog, Tenant
from tenants.scoping import tenant_context
from tests.inference import trained
from training.models import Model

BY = "system:test"


@pytest.mark.parametrize("name", ["a", "7", "parts-2", "a" * 50])
def test_a_name_has_small_letters_digits_and_hyphens(acme: Tenant, name: str) -> None:
    with tenant_context(acme.id):
        endpoint = endpoints.create(by=BY, name=name, metadata={"team": "parts"})
        assert endpoints.find(name) == endpoints.find(endpoint.id) == endpoint
        assert endpoints.find(name).metadata == {"team": "parts"}


@pytest.mark.parametrize("name", ["", "a" * 51, "Parts", "parts ", "parts\n", "teile-ä", "a_b", "a.b", "a/b", "-a"])
def test_another_name_is_refused(acme: Tenant, name: str) -> None:
    with tenant_context(acme.id), pytest.raises(Problem) as refused:
        endpoints.create(by=BY, name=name)
    assert (refused.value.code, refused.value.param) == ("invalid_name", "name")


def test_a_name_is_taken_by_the_own_tenant_alone(acme: Tenant, globex: Tenant) -> None:
    with tenant_context(acme.id):
        first = endpoints.create(by=BY, name="parts")
        with pytest.raises(endpoints.NameTaken):
            endpoints.create(by=BY, name="parts")
        assert list(Endpoint.objects.all()) == [first]
    with tenant_context(globex.id):
        assert endpoints.create(by=BY, name="parts").id != first.id


def test_a_foreign_endpoint_is_an_absent_one(acme: Tenant, globex: Tenant) -> None:
    with tenant_context(acme.id):
        endpoint = endpoints.create(by=BY, name="parts")
    with tenant_context(globex.id):
        for key in (endpoint.id, "parts"):
            with pytest.raises(NotFound):
                endpoints.find(key)
        with pytest.raises(NotFound):
            endpoints.delete(by=BY, endpoint=endpoint)
        assert not AuditLog.objects.filter(action="endpoint.deleted").exists()


def test_deleting_takes_the_releases_and_leaves_the_models(acme: Tenant) -> None:
    first, second = trained.model(acme), trained.model(acme)
    with tenant_context(acme.id):
        releases.deploy(by=BY, name="parts", model=first)
        endpoint = releases.deploy(by=BY, name="parts", model=second)
    with tenant_context(acme.id), pytest.raises(ProtectedError):
        Model.objects.get(id=first).delete()
    with tenant_context(acme.id):
        endpoints.delete(by=BY, endpoint=endpoint)
    with tenant_context(acme.id):
        assert (Endpoint.objects.count(), Release.objects.count(), Model.objects.count()) == (0, 0, 2)
        assert AuditLog.objects.get(action="endpoint.deleted").target == endpoint.id
        Model.objects.get(id=first).delete()
