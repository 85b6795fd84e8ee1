"""Two tenants, each with one of everything."""

import pytest

from tests.conftest import Person
from tests.tenants.rows import one_of_each


@pytest.fixture
def furnished(alice: Person, charlie: Person) -> None:
    one_of_each(alice, "Acme")
    one_of_each(charlie, "Globex")
