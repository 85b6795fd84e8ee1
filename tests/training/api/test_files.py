"""Files come back byte for byte, are hashed, and never half there."""

import hashlib

import pytest

from storage import blobs, keys
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import File


def test_an_uploaded_file_comes_back_byte_for_byte(alice: Person) -> None:
    content = training.messages(200)
    answer = alice.upload(content)
    assert answer.status_code == 200
    made = answer.json()
    assert (made["object"], made["bytes"], made["purpose"]) == ("file", len(content), "fine-tune")
    assert made["sha256"] == hashlib.sha256(content).hexdigest()
    path = f"/v1/files/{made['id']}/content"
    assert alice.download(path) == content
    assert alice.get(path)["Content-Disposition"].startswith("attachment")


def test_files_are_listed_newest_first_and_by_purpose(alice: Person, bob: Person) -> None:
    first = training.file(alice)
    second = bob.upload(b"x", purpose="dataset").json()
    assert [row["id"] for row in alice.get("/v1/files").json()["data"]] == [second["id"], first["id"]]
    assert [row["id"] for row in alice.get("/v1/files?purpose=dataset").json()["data"]] == [second["id"]]


def test_a_deleted_file_is_gone_from_the_store_too(alice: Person) -> None:
    made = training.file(alice)
    key = keys.upload(alice.tenant.id, made["id"])
    assert alice.delete(f"/v1/files/{made['id']}").json() == {"id": made["id"], "object": "file", "deleted": True}
    assert alice.get(f"/v1/files/{made['id']}").status_code == 404
    with pytest.raises(blobs.Missing):
        blobs.get(key)


def test_an_upload_tells_all_its_faults_at_once(alice: Person) -> None:
    answer = alice.send(
        "/v1/files",
        b'--b\r\nContent-Disposition: form-data; name="colour"\r\n\r\nred\r\n--b--\r\n',
        content_type="multipart/form-data; boundary=b",
    )
    assert answer.status_code == 400
    faults = {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}
    assert faults == {("file", "missing"), ("purpose", "missing"), ("colour", "unknown_field")}


def test_an_empty_file_is_refused_and_leaves_nothing(alice: Person) -> None:
    answer = alice.upload(b"")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "empty_file")
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == []


def test_a_file_over_the_limit_is_refused_and_leaves_nothing(alice: Person, settings: "pytest.FixtureRequest") -> None:
    settings.UPLOAD_LIMIT_BYTES = 1_000  # type: ignore[attr-defined]
    answer = alice.upload(b"x" * 2_000)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "file_too_large")
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == []


def test_under_one_key_a_file_is_there_once_and_no_second_copy_stays(alice: Person) -> None:
    first, again = (alice.upload(b"a,b\n1,2\n", **{"Idempotency-Key": "one"}) for _ in range(2))
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == [keys.upload(alice.tenant.id, first.json()["id"])]
    other = alice.upload(b"a,b\n1,3\n", **{"Idempotency-Key": "one"})
    assert (other.status_code, other.json()["error"]["code"]) == (400, "idempotency_error")
    assert len(blobs.listing(keys.tenant_prefix(alice.tenant.id))) == 1


def test_a_name_with_a_path_or_control_characters_is_only_a_name(alice: Person) -> None:
    made = alice.upload(b"x", filename="../../etc/pass\x07wd").json()
    assert made["filename"] == "passwd"


def test_each_upload_and_deletion_leaves_one_audit_line(alice: Person) -> None:
    made = training.file(alice)
    alice.delete(f"/v1/files/{made['id']}")
    with tenant_context(alice.tenant.id):
        lines = AuditLog.objects.filter(target=made["id"]).order_by("id").values_list("action", flat=True)
        assert list(lines) == ["file.created", "file.deleted"]
        assert not File.objects.exists()


def test_another_tenants_file_answers_like_an_absent_one(alice: Person, charlie: Person) -> None:
    made = training.file(alice)
    for path in ("", "/content"):
        assert charlie.get(f"/v1/files/{made['id']}{path}").status_code == 404
    assert charlie.delete(f"/v1/files/{made['id']}").status_code == 404
    assert charlie.get("/v1/files").json()["data"] == []
    assert alice.get(f"/v1/files/{made['id']}").status_code == 200
