"""No route answers without a key that counts, nor does more than the key's scopes name."""

from api import keys
from tenants.scoping import tenant_context
from tenants.services import api_keys
from tests.conftest import Person
from tests.tenants.routes import Route, asked, every, refused_otherwise


def with_scopes(person: Person, scopes: list[str]) -> str:
    with tenant_context(person.tenant.id):
        return api_keys.issue(by="system:test", name="narrow", scopes=scopes).secret


def test_no_route_answers_without_a_key_that_counts(alice: Person) -> None:
    with tenant_context(alice.tenant.id):
        revoked = api_keys.issue(by="system:test", name="old")
        api_keys.revoke(by="system:test", key=revoked.row.id)
    assert refused_otherwise("", 401, "missing_key") == []
    for key in (revoked.secret, keys.mint(live=True), alice.key[:-1] + "!", "sk-" + "0" * 40, "x" * 10_000):
        assert refused_otherwise(key, 401, "invalid_key") == []


def test_no_route_does_what_the_keys_scopes_do_not_name(alice: Person) -> None:
    assert refused_otherwise(with_scopes(alice, []), 403, "missing_scope") == []


def test_reading_is_all_that_the_scope_read_gives(alice: Person) -> None:
    key = with_scopes(alice, ["read"])
    for route in every():
        for verb in set(route.verbs) - {"get", "head", "options"}:
            assert asked(key, verb, route, "x").status_code == 403, (verb, route.path)
    for verb in ("get", "head"):
        assert asked(key, verb, Route("v1/organization/api_keys", ()), "").status_code == 403
