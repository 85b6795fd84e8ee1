"""Another tenant's id answers exactly like an absent one, on every route and verb.

The routes are read from the URLConf: a new one without protection fails here by itself.
"""

from django.test import override_settings

from tests.conftest import Person
from tests.tenants.routes import asked, every, id_of, leaks, refused_otherwise, unknown_nouns, with_an_id
from tests.tenants.rows import models


def test_every_route_says_whose_ids_it_takes() -> None:
    assert unknown_nouns() == set()
    assert {route.path for route in every() if not route.verbs} == set(), "a view that is no class cannot be walked"


def test_another_tenants_id_answers_like_an_absent_one(furnished: None, alice: Person, charlie: Person) -> None:
    rows = counts(alice)
    assert leaks(alice, charlie) == []
    assert counts(alice) == rows, "something of alice's was changed"


def counts(person: Person) -> dict[str, int]:
    return {m.__name__: m.objects.unscoped(using="system").filter(tenant=person.tenant).count() for m in models()}


def test_a_colleague_finds_what_the_outsider_does_not(furnished: None, alice: Person, bob: Person) -> None:
    """A control of the test above: the ids are those of real things."""
    for route in with_an_id():
        if "get" in route.verbs and not route.path.endswith(("/report", "/content", "/issues", "/rows", "/download")):
            assert asked(bob.key, "get", route, id_of(route, alice)).status_code == 200, route.path


@override_settings(ROOT_URLCONF="tests.tenants.leaky")
def test_an_unprotected_route_is_named(furnished: None, alice: Person, charlie: Person) -> None:
    """The other control: the walk sees what it is there to see."""
    assert unknown_nouns() == {"v1/strangers/{}"}
    named = {line.partition(":")[0] for line in leaks(alice, charlie)}
    assert {"get v1/endpoints/{}", "delete v1/endpoints/{}/oracle", "get v1/strangers/{}"} <= named
    assert "get v1/open" in refused_otherwise("", 401, "missing_key")
