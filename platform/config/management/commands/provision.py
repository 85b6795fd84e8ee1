"""Creates what a fresh installation needs before the first migration: database, roles, bucket. Idempotent.

Run once with DATABASE_ADMIN_URL (a role that may create roles and databases) beside the URLs the processes will use.
Rights hang on three group roles that the row-level policies name; the login roles of the URLs are their members.
"""

from typing import Any

import psycopg
from django.core.management.base import BaseCommand, CommandError
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from config import env
from storage import blobs
from tenants.isolation import APP, STAFF, SYSTEM

GROUPS = {"DATABASE_URL": APP, "DATABASE_SYSTEM_URL": SYSTEM, "DATABASE_STAFF_URL": STAFF}
TABLE_RIGHTS = {APP: "SELECT, INSERT, UPDATE, DELETE", SYSTEM: "SELECT, INSERT, UPDATE, DELETE", STAFF: "SELECT"}


class Command(BaseCommand):
    help = "Create database, roles and bucket (needs DATABASE_ADMIN_URL)."

    def handle(self, *args: Any, **options: Any) -> None:
        admin = env.text("DATABASE_ADMIN_URL")
        owner = env.text("DATABASE_OWNER_URL")
        if login(owner)["dbname"] != login(env.text("DATABASE_URL"))["dbname"]:
            raise CommandError("DATABASE_OWNER_URL and DATABASE_URL name different databases.")
        with psycopg.connect(admin, autocommit=True) as alone:  # roles belong to the whole server: one at a time
            alone.execute("SELECT pg_advisory_lock(hashtext('landfall provision'))")
            create_roles(admin, owner)
            create_database(admin, owner)
            grant(admin, owner)
        blobs.ensure_bucket()
        self.stdout.write("Database, roles and bucket are ready.")


def login(url: str) -> dict[str, Any]:
    return dict(conninfo_to_dict(url))


def create_roles(admin: str, owner: str) -> None:
    """Login roles get the password of their URL each time, so that rotating it is running this again."""
    with psycopg.connect(admin, autocommit=True) as connection:
        for group in GROUPS.values():
            _ensure_role(connection, group, "NOLOGIN")
        _ensure_login(connection, login(owner))
        for variable, group in GROUPS.items():
            if url := env.optional(variable):
                _ensure_login(connection, login(url))
                grant_group = sql.SQL("GRANT {} TO {}").format(*map(sql.Identifier, (group, login(url)["user"])))
                connection.execute(grant_group)


def _ensure_role(connection: psycopg.Connection[Any], name: str, kind: str) -> None:
    if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        connection.execute(sql.SQL("CREATE ROLE {} " + kind).format(sql.Identifier(name)))


def _ensure_login(connection: psycopg.Connection[Any], parts: dict[str, Any]) -> None:
    _ensure_role(connection, parts["user"], "LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    if password := parts.get("password"):
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(parts["user"]), sql.Literal(password))
        )


def create_database(admin: str, owner: str) -> None:
    name, user = login(owner)["dbname"], login(owner)["user"]
    with psycopg.connect(admin, autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            # PostgreSQL 16+: only a member of a role may give it a database.
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(user)))
            connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(*map(sql.Identifier, (name, user))))


def grant(admin: str, owner: str) -> None:
    """What migrations create later is already granted: default privileges of the owner."""
    user = login(owner)["user"]
    with psycopg.connect(make_conninfo(admin, dbname=login(owner)["dbname"]), autocommit=True) as connection:
        connection.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(user)))
        for group, rights in TABLE_RIGHTS.items():
            connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(group)))
            for what, given in (("TABLES", rights), ("SEQUENCES", "USAGE, SELECT")):
                connection.execute(
                    sql.SQL(
                        "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT "
                        + given
                        + " ON "
                        + what
                        + " TO {}"
                    ).format(sql.Identifier(user), sql.Identifier(group))
                )
