"""Fixtures that every room's tests share: the stores, an empty database, and the three people."""

import os
from collections.abc import Iterator

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql
from pytest_django.plugin import DjangoDbBlocker

from tenants.models import Tenant
from tests.factories import people
from tests.factories.people import Person
from tests.journeys.stack import landfall

__all__ = ["Person", "landfall"]

KEPT = ("django_migrations", "django_content_type", "auth_permission")


@pytest.fixture(scope="session")
def migrated(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Database, roles, bucket and tables, made the way an operator makes them."""
    with django_db_blocker.unblock():
        call_command("provision", verbosity=0)
        call_command("migrate", database="owner", verbosity=0)
        yield
        connections.close_all()


@pytest.fixture
def database(migrated: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Real commits, as the application's own role; the tables are emptied afterwards by their owner."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        empty_tables()


def empty_tables() -> None:
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as owner:
        rows = owner.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        tables = [sql.Identifier(name) for (name,) in rows if name not in KEPT]
        owner.execute("SET lock_timeout = '20s'")
        owner.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY").format(sql.SQL(", ").join(tables)))


@pytest.fixture
def acme(database: None) -> Tenant:
    return people.tenant("acme")


@pytest.fixture
def globex(database: None) -> Tenant:
    return people.tenant("globex")


@pytest.fixture
def alice(acme: Tenant) -> Person:
    return people.person(acme, "alice")


@pytest.fixture
def bob(acme: Tenant) -> Person:
    return people.person(acme, "bob")


@pytest.fixture
def charlie(globex: Tenant) -> Person:
    return people.person(globex, "charlie")
