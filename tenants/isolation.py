"""The wall in the database, written by migrations: row-level security, composite keys, policies by role.

PostgreSQL's row security (https://www.postgresql.org/docs/current/ddl-rowsecurity.html) is ENABLEd and FORCEd so that
the owner is bound too. The sub-SELECT makes the setting an init plan, evaluated once a query; without it, or with the
column cast, queries were measured 40-100 times slower. Without NULLIF a connection whose setting was reset to ''
raises instead of showing nothing.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenants.scoping import TenantForeignKey

CURRENT_TENANT = "(SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid)"
APP, SYSTEM, STAFF = "landfall_role_app", "landfall_role_system", "landfall_role_staff"


def policies(table: str, column: str = "tenant_id") -> list[str]:
    """Statements that wall in `table`: tenants by context, system entirely, staff for reading."""
    mine = f"{column} = {CURRENT_TENANT}"
    return [
        f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY',
        f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY',
        f'CREATE POLICY tenant ON "{table}" FOR ALL TO PUBLIC USING ({mine}) WITH CHECK ({mine})',
        f'CREATE POLICY system ON "{table}" FOR ALL TO {SYSTEM} USING (true) WITH CHECK (true)',
        f'CREATE POLICY staff ON "{table}" FOR SELECT TO {STAFF} USING (true)',
    ]


def composite_keys(model: type[models.Model]) -> list[str]:
    """(tenant_id, key) unique, and every reference to another tenant table made to carry the tenant."""
    table = model._meta.db_table
    statements = [f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_key" UNIQUE (tenant_id, "{_key(model)}")']
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            target = field.related_model
            statements.append(
                f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_tenant_fk" '
                f'FOREIGN KEY (tenant_id, "{field.column}") '
                f'REFERENCES "{target._meta.db_table}" (tenant_id, "{_key(target)}") '
                "DEFERRABLE INITIALLY DEFERRED"
            )
    return statements


def _key(model: Any) -> str:
    column: str = model._meta.pk.column
    return column


class TenantIsolation(Operation):
    """Put last in the migration that creates a tenant-owned model. The catalogue test fails for a model without."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, model_name: str) -> None:
        self.model_name = model_name

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Nothing changes in Python's view of the model."""

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        apps: Apps = to_state.apps
        model: Any = apps.get_model(app_label, self.model_name)
        for statement in [*policies(model._meta.db_table), *composite_keys(model)]:
            schema_editor.execute(statement)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """The table itself is dropped by the operation before this one; its policies go with it."""

    def describe(self) -> str:
        return f"Wall in the rows of {self.model_name}"
