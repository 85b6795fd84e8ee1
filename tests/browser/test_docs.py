"""The API's documentation as a page: whole, readable, served by ourselves alone; and the document behind it."""

import json

from openapi_spec_validator import validate

from tests.browser.conftest import Visit
from tests.conftest import Person


def test_the_page_lists_the_calls_without_a_key_or_a_foreign_host(visit: Visit) -> None:
    page = visit.go("/docs")
    page.get_by_text("/v1/fine_tuning/jobs", exact=True).first.wait_for()
    assert page.get_by_text("/v1/endpoints/{endpoint_id}/predict", exact=True).first.is_visible()
    assert visit.outside == []
    assert visit.troubles == []


def test_the_document_is_valid_openapi(alice: Person) -> None:
    document = json.loads(alice.get("/v1/openapi.json").content)
    assert document["openapi"].startswith("3.1")
    validate(document)
