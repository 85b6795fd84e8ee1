"""Who gets which address and which secret, and which stores are ours to start."""

from pathlib import Path

import pytest

from embedded import place, plan, stores
from embedded.parts import Part, PartFailed, Plan
from embedded.place import Place

GIVEN = {
    **{name: f"postgresql://{user}:pw@db:5432/landfall" for name, user in stores.USERS.items()},
    "REDIS_URL": "redis://cache:6379/0",
    "S3_ENDPOINT_URL": "https://objects.example",
    "S3_ACCESS_KEY_ID": "id",
    "S3_SECRET_ACCESS_KEY": "secret",
    "S3_BUCKET": "bucket",
}


@pytest.fixture
def home(tmp_path: Path) -> Place:
    return place.occupy(tmp_path, (*place.STORES, *plan.LISTENING), durable=False)


def names(made: Plan) -> list[list[str]]:
    return [[part.name for part in stage] for stage in made.stages]


def parts(made: Plan) -> dict[str, Part]:
    return {part.name: part for stage in made.stages for part in stage}


def databases(part: Part) -> set[str]:
    return {name for name in part.env if name.startswith("DATABASE_")}


def test_stores_come_first_then_the_steps_then_everything_that_serves(home: Place) -> None:
    made = plan.make(home, stores.settle(home, {}), {})
    assert names(made) == [
        ["postgres", "redis", "s3"],
        ["provision"],
        ["migrate"],
        ["seed"],
        ["web", "runtime", "gpu", "cpu", "courier", "clock"],
    ]


def test_no_process_holds_more_database_roles_than_its_work_needs(home: Place) -> None:
    made = parts(plan.make(home, stores.settle(home, {}), {}))
    assert databases(made["web"]) == {"DATABASE_URL", "DATABASE_STAFF_URL"}
    for worker in ("runtime", "gpu", "cpu", "courier", "clock"):
        assert databases(made[worker]) == {"DATABASE_URL", "DATABASE_SYSTEM_URL"}
    superuser = home.secrets["postgres"]
    assert not [
        name for name in ("web", "gpu", "clock") if any(superuser in value for value in made[name].env.values())
    ]


def test_the_machines_own_secrets_reach_no_process_but_its_landfall_settings_do(home: Place) -> None:
    given = {
        "PATH": "/bin",
        "AWS_SECRET_ACCESS_KEY": "private",
        "LANDFALL_API_KEY": "lf_private",
        "LANDFALL_LEASE_S": "7",
        "LANDFALL_MODE": "production",
    }
    web = parts(plan.make(home, stores.settle(home, given), given))["web"]
    assert "private" not in " ".join(web.env.values())
    assert (web.env["LANDFALL_LEASE_S"], web.env["LANDFALL_MODE"], web.env["PATH"]) == ("7", "embedded", "/bin")


def test_no_secret_stands_in_an_argument(home: Place) -> None:
    made = plan.make(home, stores.settle(home, {}), {})
    words = " ".join(word for part in parts(made).values() for word in part.argv)
    assert not [secret for secret in home.secrets.values() if secret in words]


def test_given_stores_are_used_as_given_and_none_is_started(home: Place) -> None:
    made = plan.make(home, stores.settle(home, GIVEN), GIVEN)
    assert names(made)[:3] == [[], ["migrate"], ["seed"]]  # without DATABASE_ADMIN_URL nothing is provisioned
    web = parts(made)["web"]
    assert {name: web.env[name] for name in GIVEN if name in web.env} == {
        name: value for name, value in GIVEN.items() if name not in {stores.OWNER, stores.SYSTEM}
    }


def test_with_the_superusers_address_a_given_database_is_provisioned(home: Place) -> None:
    given = {**GIVEN, stores.ADMIN: "postgresql://postgres@db/postgres"}
    assert names(plan.make(home, stores.settle(home, given), given))[1] == ["provision"]


@pytest.mark.parametrize(
    ("given", "store", "missing"),
    [
        ({"DATABASE_URL": "postgresql://a@b/c"}, "postgres", "DATABASE_SYSTEM_URL, DATABASE_STAFF_URL"),
        ({"S3_ENDPOINT_URL": "https://objects.example"}, "s3", "S3_ACCESS_KEY_ID, S3_SECRET_ACCESS_KEY, S3_BUCKET"),
    ],
)
def test_a_store_given_by_halves_is_refused_by_name(
    home: Place, given: dict[str, str], store: str, missing: str
) -> None:
    settled = {**GIVEN, **dict.fromkeys(GIVEN, ""), **given}
    with pytest.raises(PartFailed, match=missing) as caught:
        stores.settle(home, settled)
    assert caught.value.part == store
