"""Asks PostgreSQL's own catalogue whether every tenant-owned table is walled in; each fault is a sentence.

Knows no model: a table made by hand is found too.
"""

from collections.abc import Iterator
from typing import Any

import psycopg

# Tables that belong to no tenant: staff, their sessions and rights, Django's own books.
NOBODYS = frozenset(
    {
        "auth_group", "auth_group_permissions", "auth_permission", "django_admin_log", "django_content_type",
        "django_migrations", "django_session", "tenants_user", "tenants_user_groups", "tenants_user_user_permissions",
    }
)  # fmt: skip
TENANTS = "tenants_tenant"  # is walled in by its own key, and its short name is unique among all companies
OTHER_POLICIES = {
    ("system", "landfall_role_system", "*", True),
    ("staff", "landfall_role_staff", "r", False),
}
KEY_LOOKUP = ("tenants_apikey", "key_lookup", "landfall_owner", "r", False)  # read by the definer's function alone
DEFINERS = frozenset({"landfall_key"})
SERVING = ("landfall_app", "landfall_system", "landfall_staff")

TABLES = """
SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
       EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped)
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') ORDER BY 1
"""
POLICIES = """
SELECT p.polname, COALESCE(r.rolname, 'PUBLIC'), p.polcmd::text, p.polpermissive,
       pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p CROSS JOIN unnest(p.polroles) AS member (oid) LEFT JOIN pg_roles r ON r.oid = member.oid
WHERE p.polrelid = %s::regclass
"""
UNIQUE_KEYS = """
SELECT i.relname, a.attname FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid
LEFT JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = x.indkey[0]
WHERE x.indrelid = %s::regclass AND x.indisunique AND NOT x.indisprimary
"""
FOREIGN_KEYS = """
SELECT k.conname, k.conrelid::regclass::text, k.confrelid::regclass::text,
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.conrelid AND a.attnum = k.conkey[1]),
       (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = k.confrelid AND a.attnum = k.confkey[1])
FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
"""
VIEWS = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm', 'f')"
DEFINED = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef"
ROLES = "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND (rolsuper OR rolbypassrls OR rolcreaterole)"
OWNED = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tableowner = ANY(%s)"
RIGHTS = """
SELECT c.relname, role, privilege FROM pg_class c
CROSS JOIN unnest(%s::text[]) AS role CROSS JOIN unnest(%s::text[]) AS privilege
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  AND has_table_privilege(role, c.oid, privilege)
"""

Connection = psycopg.Connection[Any]


def faults(owner: Connection) -> list[str]:
    """What is wrong with the walls, seen by the tables' owner."""
    tables = owner.execute(TABLES).fetchall()
    owned = [name for name, _, _, has_tenant in tables if has_tenant or name == TENANTS]
    found = [
        f"{name}: no tenant_id, and not known as nobody's"
        for name, *_ in tables
        if name not in owned and name not in NOBODYS
    ]
    for name, enabled, forced, _ in tables:
        if name in owned:
            found += [f"{name}: row security is not enabled"] * (not enabled)
            found += [f"{name}: row security is not forced"] * (not forced)
            found += _policies(owner, name)
            found += _unique_keys(owner, name)
    return [*found, *_foreign_keys(owner, owned), *_openings(owner), *_rights(owner)]


def _policies(owner: Connection, table: str) -> Iterator[str]:
    column = "id" if table == TENANTS else "tenant_id"
    walls = 0
    for name, role, command, permissive, using, check in owner.execute(POLICIES, [table]).fetchall():
        if role == "PUBLIC" and command == "*" and permissive:
            walls += 1
            if not _is_wall(using, column):
                yield f"{table}: policy {name} does not hold in USING"
            if not _is_wall(check, column):
                yield f"{table}: policy {name} does not hold in WITH CHECK"
        elif (name, role, command, check is not None) not in OTHER_POLICIES and (
            (table, name, role, command, check is not None) != KEY_LOOKUP
        ):
            yield f"{table}: policy {name} opens it to {role}"
    if walls != 1:
        yield f"{table}: {walls} policies for every role instead of one"


def _is_wall(expression: str | None, column: str) -> bool:
    """`column = (SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid)`, as PostgreSQL prints it back."""
    text = " ".join((expression or "").split())
    return (
        text.startswith(f"({column} = ( SELECT (NULLIF(current_setting('app.tenant_id'::text, true)")
        and " OR " not in text
    )


def _unique_keys(owner: Connection, table: str) -> Iterator[str]:
    """A unique key over all tenants tells one of them what another has."""
    for index, first in owner.execute(UNIQUE_KEYS, [table]).fetchall():
        if first != "tenant_id" and (table, first) != (TENANTS, "slug"):
            yield f"{table}: the unique key {index} does not begin with tenant_id"


def _foreign_keys(owner: Connection, owned: list[str]) -> Iterator[str]:
    """Foreign keys are checked past row security: they must carry the tenant themselves."""
    for name, table, target, own_column, target_column in owner.execute(FOREIGN_KEYS).fetchall():
        if target in owned and target != TENANTS and (own_column, target_column) != ("tenant_id", "tenant_id"):
            yield f"{table}: the foreign key {name} does not carry the tenant"


def _openings(owner: Connection) -> Iterator[str]:
    """Views and functions that run with their owner's rights pass the wall."""
    yield from (f"{name}: a view passes the wall" for (name,) in owner.execute(VIEWS).fetchall())
    for (name,) in owner.execute(DEFINED).fetchall():
        if name not in DEFINERS:
            yield f"{name}: a function with its owner's rights passes the wall"


def _rights(owner: Connection) -> Iterator[str]:
    """TRUNCATE passes the wall; so do superusers and owners; staff only read."""
    serving = list(SERVING)
    yield from (f"{name}: the role is not bound by the wall" for (name,) in owner.execute(ROLES, [serving]).fetchall())
    yield from (f"{name}: owned by a serving role" for (name,) in owner.execute(OWNED, [serving]).fetchall())
    asked = [(serving, ["TRUNCATE", "REFERENCES", "TRIGGER"]), (["landfall_staff"], ["INSERT", "UPDATE", "DELETE"])]
    for roles, privileges in asked:
        for table, role, privilege in owner.execute(RIGHTS, [roles, privileges]).fetchall():
            yield f"{table}: {role} may {privilege}"
