"""The address of predictions in the web process: described, never answered."""

from dataclasses import fields
from typing import Any, get_args

from drf_spectacular.generators import SchemaGenerator

from contracts.prediction import Outcome
from inference.api.predictions import MOST_INPUTS
from inference.runtime.settings import Settings
from tests.conftest import Person
from tests.inference.api.test_endpoints import created, error


def test_a_front_that_does_not_route_is_our_fault_not_the_customers(alice: Person) -> None:
    created(alice)
    answer = alice.post("/v1/endpoints/parts/predict", json={"inputs": ["a"]})
    assert error(answer) == (503, "runtime_elsewhere", None)
    assert answer.headers["Retry-After"] == "5"


def test_it_knows_no_other_verb_and_no_stranger(alice: Person) -> None:
    assert alice.get("/v1/endpoints/parts/predict").status_code == 405
    nobody = Person(tenant=alice.tenant, key="lf_live_nobody")
    assert nobody.post("/v1/endpoints/parts/predict", json={"inputs": ["a"]}).status_code == 401


def test_the_openapi_document_tells_of_the_whole_room() -> None:
    document: Any = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
    verbs = {
        path.removeprefix("/v1/endpoints"): set(told)
        for path, told in document["paths"].items()
        if path.startswith("/v1/endpoints")
    }
    assert verbs == {
        "": {"get", "post"},
        "/{endpoint_id}": {"get", "delete"},
        "/{endpoint_id}/releases": {"get", "post"},
        "/{endpoint_id}/rollback": {"post"},
        "/{endpoint_id}/predict": {"post"},
    }
    told = document["paths"]["/v1/endpoints/{endpoint_id}/predict"]["post"]
    assert told["operationId"] == "predict"
    schema = told["responses"]["200"]["content"]["application/json"]["schema"]
    kinds = [set(one["properties"]) for one in schema["properties"]["predictions"]["items"]["oneOf"]]
    assert kinds == [{"id", *(field.name for field in fields(outcome))} for outcome in get_args(Outcome)]
    assert document["paths"]["/v1/embeddings"]["post"]["operationId"] == "create_embeddings"


def test_the_document_tells_the_limit_that_the_runtime_holds() -> None:
    limits = {name: field.default for name, field in Settings.__dataclass_fields__.items()}
    assert limits["inputs"] == MOST_INPUTS
