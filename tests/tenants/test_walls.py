"""Two walls around every tenant-owned row, found through the registry of models; either alone still holds."""

from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, IntegrityError, connection, connections, transaction

from tenants.models import Tenant
from tenants.scoping import AnotherTenant, NoTenant, tenant_context
from tests.conftest import Person
from tests.tenants.rows import models, references


def counted(model: Any, tenant: UUID, *, alias: str = "default") -> int:
    """Rows of the tenant as plain SQL sees them: the manager has no say."""
    with connections[alias].cursor() as cursor:
        cursor.execute(f'SELECT count(*) FROM "{model._meta.db_table}" WHERE tenant_id = %s', [tenant])
        found: int = cursor.fetchone()[0]
        return found


def test_every_model_has_rows_to_be_hidden(furnished: None, alice: Person) -> None:
    """The control of everything below: a role that may look sees rows in every table."""
    assert [m.__name__ for m in models() if counted(m, alice.tenant.id, alias="system") == 0] == []


def test_an_outsider_sees_no_row_of_another_tenant(furnished: None, alice: Person, charlie: Person) -> None:
    seen: dict[str, list[str]] = {"both walls": [], "row security alone": [], "the manager alone": []}
    with tenant_context(charlie.tenant.id):
        for model in models():
            name, theirs = model.__name__, {"tenant_id": alice.tenant.id}
            seen["both walls"] += [name] * model.objects.filter(**theirs).exists()
            seen["row security alone"] += [name] * bool(counted(model, alice.tenant.id))
            seen["row security alone"] += [name] * model._base_manager.filter(**theirs).exists()
            seen["the manager alone"] += [name] * model.objects.using("system").filter(**theirs).exists()
            assert model.objects.exists(), f"charlie's own {name} is hidden too"
        assert list(Tenant.objects.values_list("slug", flat=True)) == ["globex"]
    assert seen == {"both walls": [], "row security alone": [], "the manager alone": []}


def test_without_a_context_there_are_no_rows(furnished: None, alice: Person) -> None:
    for model in models():
        with pytest.raises(NoTenant):
            model.objects.count()
        assert counted(model, alice.tenant.id) == 0
        assert model._base_manager.count() == 0
    assert not Tenant.objects.exists()


def test_an_outsider_changes_no_row_of_another_tenant(furnished: None, alice: Person, charlie: Person) -> None:
    """Plain SQL, so that row security stands alone. The audit log refuses the verb itself."""
    before = {model: counted(model, alice.tenant.id, alias="system") for model in models()}
    for model in models():
        for statement in (
            "UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = %s",
            "DELETE FROM {} WHERE tenant_id = %s",
        ):
            with tenant_context(charlie.tenant.id):
                assert changed(statement.format(model._meta.db_table), alice.tenant.id) == 0
    assert {model: counted(model, alice.tenant.id, alias="system") for model in models()} == before


def changed(statement: str, tenant: UUID) -> int:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [tenant])
            count: int = cursor.rowcount
            return count
    except DatabaseError as error:
        if "permission denied for table tenants_auditlog" not in str(error):
            raise
        return 0


def test_no_row_is_written_into_another_tenant(furnished: None, alice: Person, charlie: Person) -> None:
    walls = "row-level security|permission denied for table tenants_auditlog"
    walls += "|a job begins waiting|a job stays what it is"  # a trigger that speaks before the wall
    for model in models():
        with tenant_context(charlie.tenant.id):
            mine = model.objects.first()
            mine.tenant_id = alice.tenant.id
            with pytest.raises(AnotherTenant):
                mine.save()
        moved = "jsonb_populate_record(r, jsonb_build_object('tenant_id', %s::text))"
        copy = f'INSERT INTO "{{0}}" SELECT ({moved}).* FROM "{{0}}" r'
        move = 'UPDATE "{0}" SET tenant_id = %s'
        for statement in (copy, move):
            with pytest.raises(DatabaseError, match=walls):
                execute_as(charlie.tenant.id, statement.format(model._meta.db_table), alice.tenant.id)


def execute_as(tenant: UUID, statement: str, *values: Any) -> None:
    with tenant_context(tenant), connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_no_row_names_another_tenants_row(furnished: None, alice: Person, charlie: Person) -> None:
    """A foreign id and an absent one meet the same refusal: the composite key finds neither."""
    for model, field in references():
        with tenant_context(alice.tenant.id):
            theirs = field.related_model._base_manager.values_list("pk", flat=True)[0]
        told = {
            refusal(model, field, charlie.tenant.id, key).replace(key, "ID")
            for key in (theirs, theirs[:-26] + "0" * 26)
        }
        assert len(told) == 1, (model, field.name)
        assert "violates foreign key constraint" in told.pop()


def refusal(model: Any, field: Any, tenant: UUID, key: str) -> str:
    statement = 'UPDATE "{0}" SET "{1}" = %s WHERE ctid = (SELECT max(ctid) FROM "{0}")'
    with pytest.raises(IntegrityError) as raised:
        execute_as(tenant, statement.format(model._meta.db_table, field.column), key)
    return str(raised.value)


def test_a_context_dies_with_its_transaction_though_its_connection_lives_on(furnished: None, alice: Person) -> None:
    model = models()[0]
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # PostgreSQL's: from here on there is one connection
    with tenant_context(alice.tenant.id):
        inside = backend()
        assert counted(model, alice.tenant.id) > 0
    assert (backend(), counted(model, alice.tenant.id)) == (inside, 0)
    connection.close()  # gives it back to the pool, which hands the same one out again
    assert (backend(), counted(model, alice.tenant.id)) == (inside, 0)
    with pytest.raises(ZeroDivisionError), tenant_context(alice.tenant.id):
        raise ZeroDivisionError
    assert (backend(), counted(model, alice.tenant.id)) == (inside, 0)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid: int = cursor.fetchone()[0]
        return pid


def test_a_setting_made_outside_the_context_would_outlive_it(furnished: None, alice: Person) -> None:
    """The control of the test above: it can tell a setting that stays from one that goes."""
    execute("SELECT set_config('app.tenant_id', %s, false)", str(alice.tenant.id))
    assert counted(models()[0], alice.tenant.id) > 0
    execute("RESET app.tenant_id")
    assert counted(models()[0], alice.tenant.id) == 0


def execute(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def test_one_transaction_serves_one_tenant(acme: Tenant, globex: Tenant) -> None:
    with tenant_context(acme.id), pytest.raises(AnotherTenant), tenant_context(globex.id):
        pass
    with tenant_context(acme.id), tenant_context(acme.id):
        assert Tenant.objects.get().slug == "acme"
    with transaction.atomic(), pytest.raises(RuntimeError, match="durable"), tenant_context(acme.id):
        pass


@pytest.fixture
def roles(database: None) -> list[str]:
    return ["default", "system", "staff"]


def test_no_serving_role_empties_a_table_or_lifts_a_wall(roles: list[str]) -> None:
    for alias in roles:
        for model in models():
            for statement in ("TRUNCATE {} CASCADE", "ALTER TABLE {} DISABLE ROW LEVEL SECURITY", "DROP TABLE {}"):
                with (
                    pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
                    connections[alias].cursor() as c,
                ):
                    c.execute(statement.format(model._meta.db_table))


def test_staff_read_every_tenant_and_write_none(furnished: None, alice: Person, charlie: Person) -> None:
    for model in models():
        assert {alice.tenant.id, charlie.tenant.id} <= {
            row.tenant_id for row in model.objects.unscoped(using="staff").only("tenant_id")
        }
        with pytest.raises(DatabaseError, match="permission denied"):
            model.objects.unscoped(using="staff").update(tenant_id=charlie.tenant.id)
