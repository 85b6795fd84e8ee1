"""Every tenant-owned table is walled in, by PostgreSQL's own account; what is not is named."""

import os
from collections.abc import Iterator

import psycopg
import pytest

from tenants.isolation import CURRENT_TENANT, policies
from tests.tenants.catalogue import Connection, faults


@pytest.fixture
def owner(migrated: None) -> Iterator[Connection]:
    """The tables' owner, in a transaction that never commits."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        yield connection
        connection.rollback()


def test_every_table_is_walled_in(owner: Connection) -> None:
    assert faults(owner) == []


TABLE = "CREATE TABLE leaky (id text PRIMARY KEY, tenant_id uuid NOT NULL, name text)"
WALLS = "; ".join([TABLE, *policies("leaky")])
MINE = f"tenant_id = {CURRENT_TENANT}"
ANYBODYS = "CREATE POLICY tenant ON leaky FOR ALL TO PUBLIC USING ({}) WITH CHECK ({})"
DROP = "DROP POLICY tenant ON leaky; "

# The controls: a bad table of each kind, and what must be said of it.
LEAKS = {
    "CREATE TABLE leaky (id text PRIMARY KEY, name text)": "leaky: no tenant_id, and not known as nobody's",
    TABLE: "leaky: row security is not enabled",
    f"{WALLS}; ALTER TABLE leaky DISABLE ROW LEVEL SECURITY": "leaky: row security is not enabled",
    f"{WALLS}; ALTER TABLE leaky NO FORCE ROW LEVEL SECURITY": "leaky: row security is not forced",
    f"{WALLS}; DROP POLICY tenant ON leaky": "leaky: 0 policies for every role instead of one",
    f"{WALLS}; {DROP}{ANYBODYS.format('true', MINE)}": "leaky: policy tenant does not hold in USING",
    f"{WALLS}; {DROP}{ANYBODYS.format(MINE, 'true')}": "leaky: policy tenant does not hold in WITH CHECK",
    f"{WALLS}; {DROP}{ANYBODYS.format(f'{MINE} OR name IS NULL', MINE)}": "leaky: policy tenant does not hold in USING",
    f"{WALLS}; {DROP}CREATE POLICY tenant ON leaky FOR ALL TO PUBLIC USING ({MINE})": (
        "leaky: policy tenant does not hold in WITH CHECK"
    ),
    f"{WALLS}; CREATE POLICY more ON leaky FOR ALL TO PUBLIC USING (true) WITH CHECK (true)": (
        "leaky: 2 policies for every role instead of one"
    ),
    f"{WALLS}; CREATE POLICY more ON leaky FOR SELECT TO landfall_app USING (true)": (
        "leaky: policy more opens it to landfall_app"
    ),
    f"{WALLS}; CREATE POLICY more ON leaky FOR SELECT TO PUBLIC USING (true)": "leaky: policy more opens it to PUBLIC",
    f"{WALLS}; CREATE UNIQUE INDEX one_name ON leaky (name)": (
        "leaky: the unique key one_name does not begin with tenant_id"
    ),
    f"{WALLS}; CREATE UNIQUE INDEX one_name ON leaky (lower(name))": (
        "leaky: the unique key one_name does not begin with tenant_id"
    ),
    f"{WALLS}; ALTER TABLE leaky ADD CONSTRAINT to_key FOREIGN KEY (name) REFERENCES tenants_apikey (id)": (
        "leaky: the foreign key to_key does not carry the tenant"
    ),
    "CREATE VIEW leaky AS SELECT * FROM tenants_apikey": "leaky: a view passes the wall",
    "CREATE MATERIALIZED VIEW leaky AS SELECT * FROM tenants_apikey": "leaky: a view passes the wall",
    "CREATE FUNCTION leaky() RETURNS bigint SECURITY DEFINER LANGUAGE sql AS 'SELECT count(*) FROM tenants_apikey'": (
        "leaky: a function with its owner's rights passes the wall"
    ),
    f"{WALLS}; GRANT TRUNCATE ON leaky TO landfall_role_app": "leaky: landfall_app may TRUNCATE",
    f"{WALLS}; GRANT UPDATE ON leaky TO landfall_staff": "leaky: landfall_staff may UPDATE",
}


@pytest.mark.parametrize("statements", LEAKS)
def test_a_table_with_a_leak_is_named(owner: Connection, statements: str) -> None:
    owner.execute(statements.encode())
    assert LEAKS[statements] in faults(owner)


def test_a_table_with_every_wall_is_not_named(owner: Connection) -> None:
    owner.execute(WALLS.encode())
    assert faults(owner) == []
