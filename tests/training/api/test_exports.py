"""Exports over the API: asked for, written by a job, fetched straight from the store, gone with what they are of."""

import httpx

from storage import blobs, keys
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import Export

FORMULA = training.messages(60) + b'"=HYPERLINK(""http://evil.example"")",refund\n'


def test_a_version_is_written_as_csv_and_fetched(alice: Person) -> None:
    made = training.dataset(alice, FORMULA)
    asked = alice.post(f"/v1/datasets/{made['id']}/exports", {"format": "csv"})
    assert (asked.status_code, asked.json()["status"]) == (202, "running")
    path = f"/v1/exports/{asked.json()['id']}"
    assert alice.get(f"{path}/download").json()["error"]["code"] == "export_not_ready"
    training.work("cpu")
    ready = alice.get(f"{path}/download").json()
    assert (ready["status"], ready["neutralised"], ready["version"]) == ("ready", 1, made["version"])
    fetched = httpx.get(ready["url"]).text
    assert fetched.startswith("row,text,label,split\n")
    assert fetched.count("\n") == 62
    assert "'=HYPERLINK" in fetched


def test_an_unknown_format_or_version_is_refused_by_field(alice: Person) -> None:
    made = training.dataset(alice)
    path = f"/v1/datasets/{made['id']}/exports"
    assert alice.post(path, {"format": "xls"}).json()["error"]["param"] == "format"
    assert alice.post(path, {"format": "csv", "version": "dsv_none"}).status_code == 404


def test_an_export_goes_with_its_data_set_and_with_an_erasure(alice: Person) -> None:
    for end in ("deleted", "erased"):
        made = training.dataset(alice, FORMULA)
        alice.post(f"/v1/datasets/{made['id']}/exports", {"format": "jsonl"})
        assert alice.delete(f"/v1/datasets/{made['id']}").json()["error"]["code"] == "dataset_processing"
        training.work("cpu")
        assert [key for key in blobs.listing(keys.tenant_prefix(alice.tenant.id)) if "exports" in key]
        if end == "deleted":
            assert alice.delete(f"/v1/datasets/{made['id']}").json()["deleted"] is True
        else:
            alice.post("/v1/erasures", {"subject": "evil.example"})
            training.work("cpu")
        assert not [key for key in blobs.listing(keys.tenant_prefix(alice.tenant.id)) if "exports" in key]
        with tenant_context(alice.tenant.id):
            assert not Export.objects.exists()
