"""A member of staff, a superuser, and a room full of two tenants' things."""

import pytest
from django.db.models import Model
from django.test import Client

from tenants.models import User
from tests.conftest import Person
from tests.console.furniture import Room, furnish

PASSWORD = "correct horse battery staple"


def label(model: type[Model]) -> str:
    """The address of a model's list."""
    return f"/console/{model._meta.app_label}/{model._meta.model_name}/"


@pytest.fixture
def staff(database: None) -> Client:
    """Reads; manages nobody."""
    return logged_in("reader@landfall.example", is_staff=True)


@pytest.fixture
def superuser(database: None) -> Client:
    return logged_in("chief@landfall.example", is_staff=True, is_superuser=True)


def logged_in(email: str, **rights: bool) -> Client:
    User.objects.create_user(email, PASSWORD, **rights)
    client = Client()
    answer = client.post("/console/login/?next=/console/", {"username": email, "password": PASSWORD})
    assert answer.status_code == (302 if rights.get("is_staff") else 200)
    return client


@pytest.fixture
def acmes(alice: Person) -> Room:
    return furnish(alice, "Acme")


@pytest.fixture
def globexes(charlie: Person) -> Room:
    return furnish(charlie, "Globex")
