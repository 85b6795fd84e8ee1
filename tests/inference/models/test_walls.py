"""What the database itself refuses, whatever the code above it does."""

import pytest
from django.db import IntegrityError
from django.db.models import Model as Row

from contracts import ids
from inference.models import Endpoint, Release
from inference.services import endpoints, releases
from tenants.models import Tenant
from tenants.scoping import tenant_context
from tests.inference import trained

BY = "system:test"


def test_an_endpoint_answers_with_its_own_releases_only(acme: Tenant) -> None:
    model = trained.model(acme)
    with tenant_context(acme.id):
        first = releases.deploy(by=BY, name="first", model=model)
        second = releases.deploy(by=BY, name="second", model=model)
    with pytest.raises(IntegrityError, match="inference_endpoint_release_id_tenant_fk"), tenant_context(acme.id):
        Endpoint.objects.filter(id=first.id).update(release=second.release)


def test_a_release_holds_a_model_of_its_own_tenant_only(acme: Tenant, globex: Tenant) -> None:
    foreign = trained.model(globex)
    with tenant_context(acme.id):
        endpoint = endpoints.create(by=BY, name="parts")
    with pytest.raises(IntegrityError, match="inference_release_model_id_tenant_fk"), tenant_context(acme.id):
        Release.objects.create(endpoint=endpoint, model_id=foreign, number=1, created_by=BY)


def test_numbers_of_one_endpoint_differ(acme: Tenant) -> None:
    model = trained.model(acme)
    with tenant_context(acme.id):
        endpoint = releases.deploy(by=BY, name="parts", model=model)
    with pytest.raises(IntegrityError, match="one_release_per_number"), tenant_context(acme.id):
        Release.objects.create(endpoint=endpoint, model_id=model, number=1, created_by=BY)


def test_what_answers_has_a_kind(acme: Tenant) -> None:
    model = trained.model(acme)
    with tenant_context(acme.id):
        endpoint = releases.deploy(by=BY, name="parts", model=model)
    with pytest.raises(IntegrityError, match="endpoint_released_has_kind"), tenant_context(acme.id):
        Endpoint.objects.filter(id=endpoint.id).update(task_kind="")


@pytest.mark.parametrize("table", [Endpoint, Release])
def test_the_wall_in_the_database_stands_alone(acme: Tenant, globex: Tenant, table: type[Row]) -> None:
    """Past the manager's filter the application's role still sees its own tenant's rows only, and none outside."""
    model = trained.model(acme)
    with tenant_context(acme.id):
        releases.deploy(by=BY, name="parts", model=model)
        assert table._base_manager.count() == 1
    with tenant_context(globex.id):
        assert table._base_manager.count() == 0
    assert table._base_manager.count() == 0


def test_ids_say_what_they_are(acme: Tenant) -> None:
    model = trained.model(acme)
    with tenant_context(acme.id):
        endpoint = releases.deploy(by=BY, name="parts", model=model)
    assert ids.well_formed(endpoint.id, "ep")
    assert ids.well_formed(endpoint.release.id, "rel")
