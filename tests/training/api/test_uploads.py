"""A large file comes in parts, in any order and by two ways, and is a file only when it is whole."""

import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from unittest.mock import Mock

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.db.models.functions import Now

from storage import blobs, keys
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from training.models import File, Upload, UploadPart
from training.services import assembling, tidying, upload_parts
from workers import clock

CONTENT = b"text,label\n" + b"the pump leaks water,repair\n" * 400
THIRD = -(-len(CONTENT) // 3)
PIECES = [CONTENT[start : start + THIRD] for start in range(0, len(CONTENT), THIRD)]


def begin(person: Person, size: int = len(CONTENT), **more: Any) -> Any:
    wish = {"filename": "large.csv", "purpose": "fine-tune", "bytes": size, "mime_type": "text/csv"}
    return person.post("/v1/uploads", {**wish, **more})


def begun(person: Person, size: int = len(CONTENT), **more: Any) -> str:
    answer = begin(person, size, **more)
    assert answer.status_code == 200, answer.content
    return str(answer.json()["id"])


def send(person: Person, upload: str, content: bytes, **headers: str) -> Any:
    fields = {"data": SimpleUploadedFile("upload", content)}
    return person._client().post(f"/v1/uploads/{upload}/parts", fields, headers=headers)


def sent(person: Person, upload: str, pieces: list[bytes] | None = None) -> list[str]:
    return [send(person, upload, piece).json()["id"] for piece in (PIECES if pieces is None else pieces)]


def complete(person: Person, upload: str, part_ids: list[str], **more: Any) -> Any:
    return person.post(f"/v1/uploads/{upload}/complete", {"part_ids": part_ids, **more})


def presigned(person: Person, upload: str, **wish: Any) -> list[dict[str, Any]]:
    answer = person.post(f"/v1/uploads/{upload}/presign", wish)
    assert answer.status_code == 200, answer.content
    data: list[dict[str, Any]] = answer.json()["data"]
    return data


def told(answer: Any) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    return answer.status_code, error["code"], error["param"]


def faults(answer: Any) -> list[tuple[str, str]]:
    return [(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]]


def parts_in_store(person: Person, upload: str) -> list[str]:
    return blobs.listing(keys.upload_parts(person.tenant.id, upload))


def test_parts_become_a_file_byte_for_byte(alice: Person, bob: Person) -> None:
    made = begin(alice, metadata={"team": "parts"}).json()
    assert (made["object"], made["status"], made["bytes"], made["file"]) == ("upload", "pending", len(CONTENT), None)
    assert made["expires_at"] - made["created_at"] == pytest.approx(86_400, abs=2)
    part_ids = sent(alice, made["id"])
    assert bob.get("/v1/files").json()["data"] == []
    answer = complete(bob, made["id"], part_ids, md5=hashlib.md5(CONTENT, usedforsecurity=False).hexdigest().upper())
    assert answer.status_code == 200, answer.content
    done = answer.json()
    file = done["file"]
    assert (done["status"], file["object"], file["filename"]) == ("completed", "file", "large.csv")
    assert (file["bytes"], file["sha256"]) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert (file["expires_at"], file["metadata"]) == (None, {"team": "parts"})
    assert alice.download(f"/v1/files/{file['id']}/content") == CONTENT
    assert parts_in_store(alice, made["id"]) == []
    assert bob.get(f"/v1/uploads/{made['id']}").json() == {**done, "parts": []}


def test_the_order_is_that_of_part_ids_and_what_they_leave_out_is_dropped(alice: Person) -> None:
    upload = begun(alice)
    last, stray, first, middle = sent(alice, upload, [PIECES[2], b"sent twice", PIECES[0], PIECES[1]])
    file = complete(alice, upload, [first, middle, last]).json()["file"]
    assert alice.download(f"/v1/files/{file['id']}/content") == CONTENT
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == [keys.upload(alice.tenant.id, file["id"])]
    assert stray not in [part["id"] for part in alice.get(f"/v1/uploads/{upload}").json()["parts"]]


def test_parts_may_come_at_the_same_time(alice: Person) -> None:
    upload = begun(alice)

    def one(piece: bytes) -> str:
        try:
            return str(send(alice, upload, piece).json()["id"])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(3) as pool:
        part_ids = list(pool.map(one, PIECES))
    file = complete(alice, upload, part_ids).json()["file"]
    assert file["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_lost_connection_goes_on_where_it_was(alice: Person) -> None:
    upload = begun(alice)
    first = send(alice, upload, PIECES[0]).json()
    assert (first["object"], first["upload_id"], first["bytes"]) == ("upload.part", upload, THIRD)
    found = alice.get(f"/v1/uploads/{upload}").json()
    assert (found["status"], found["parts"]) == ("pending", [first])
    assert found["parts"][0]["sha256"] == hashlib.sha256(PIECES[0]).hexdigest()


def test_parts_go_straight_to_the_store_and_mix_with_others(alice: Person) -> None:
    upload = begun(alice)
    through_us = send(alice, upload, PIECES[0]).json()["id"]
    addresses = presigned(alice, upload, part_size=THIRD)
    assert [one["bytes"] for one in addresses] == [len(piece) for piece in PIECES[1:]]
    etags = {}
    for address, piece in zip(addresses, PIECES[1:], strict=True):
        answer = httpx.request(address["method"], address["url"], content=piece)
        assert answer.status_code == 200
        etags[address["id"]] = answer.headers["ETag"]
    found = alice.get(f"/v1/uploads/{upload}").json()["parts"]
    assert {part["status"] for part in found} == {"stored"}
    file = complete(alice, upload, [through_us, *etags], etags=etags).json()["file"]
    assert file["sha256"] == hashlib.sha256(CONTENT).hexdigest()


def test_a_promised_part_counts_only_when_it_is_there_and_whole(alice: Person) -> None:
    upload = begun(alice)
    first, second, third = presigned(alice, upload, part_size=THIRD)
    assert {part["status"] for part in alice.get(f"/v1/uploads/{upload}").json()["parts"]} == {"awaited"}
    assert httpx.put(first["url"], content=PIECES[0]).status_code == 200
    assert httpx.put(second["url"], content=PIECES[1] + b"x").status_code == 403
    blobs.put(keys.upload_part(alice.tenant.id, upload, third["id"]), b"cut off")
    every = [first["id"], second["id"], third["id"]]
    answer = complete(alice, upload, every, etags={first["id"]: '"another"', "part_x": "y"})
    assert faults(answer) == [
        ("part_ids.1", "part_missing"),
        ("part_ids.2", "wrong_part_size"),
        ("etags", "etag_mismatch"),
        ("etags", "unknown_part"),
    ]
    again = presigned(alice, upload, part_ids=every[1:])
    for address, piece in zip(again, PIECES[1:], strict=True):
        assert httpx.put(address["url"], content=piece).status_code == 200
    assert complete(alice, upload, every).json()["status"] == "completed"


def test_addresses_are_for_the_bytes_that_are_left(alice: Person) -> None:
    upload = begun(alice, 100)
    path = f"/v1/uploads/{upload}/presign"
    assert told(alice.post(path, {"parts": 3, "part_size": 60})) == (400, "too_many_parts", "parts")
    assert [one["bytes"] for one in presigned(alice, upload, parts=1, part_size=60)] == [60]
    assert [one["bytes"] for one in presigned(alice, upload)] == [40]
    assert told(alice.post(path)) == (400, "nothing_left", "parts")
    assert told(alice.post(path, {"part_ids": ["part_x"]})) == (400, "unknown_part", "part_ids.0")
    assert told(alice.post(path, {"part_ids": ["part_x"], "parts": 1})) == (400, "one_of_two", "parts")


def test_an_address_ends_with_its_upload(alice: Person) -> None:
    upload = begun(alice)
    set_times(upload, expires_at=Now() + timedelta(seconds=90))
    (address,) = presigned(alice, upload)
    assert 80 <= address["url_expires_at"] - alice.get(f"/v1/uploads/{upload}").json()["expires_at"] + 90 <= 90


def test_an_upload_tells_all_its_faults_at_once(alice: Person, settings: pytest.FixtureRequest) -> None:
    answer = begin(alice, 0, purpose="vision", filename="", expires_after={"anchor": "now", "seconds": 1}, colour="red")
    assert set(faults(answer)) == {
        ("bytes", "min_value"),
        ("purpose", "invalid_choice"),
        ("filename", "empty"),
        ("expires_after.anchor", "invalid_choice"),
        ("expires_after.seconds", "min_value"),
        ("colour", "unknown_field"),
    }
    settings.UPLOAD_LIMIT_BYTES = 1_000  # type: ignore[attr-defined]
    assert told(begin(alice, 1_001)) == (413, "file_too_large", "bytes")


def test_a_part_that_cannot_be_one_is_refused_and_leaves_nothing(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(alice)
    assert told(send(alice, upload, b"")) == (400, "empty_part", "data")
    assert faults(alice._client().post(f"/v1/uploads/{upload}/parts", {"colour": "red"})) == [
        ("data", "missing"),
        ("colour", "unknown_field"),
    ]
    monkeypatch.setattr(upload_parts, "PART_LIMIT", 1_000)
    assert told(send(alice, upload, b"x" * 1_001)) == (413, "part_too_large", "data")
    assert parts_in_store(alice, upload) == []


def test_a_part_over_the_limit_is_refused_by_its_announced_length(alice: Person) -> None:
    answer = alice._client().post(
        f"/v1/uploads/{begun(alice)}/parts",
        data=b"",
        content_type="multipart/form-data; boundary=b",
        headers={"Content-Length": str(65 * 1_048_576)},
    )
    assert told(answer) == (413, "part_too_large", "data")


def test_parts_may_not_pile_up(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(alice, 10)
    monkeypatch.setattr(upload_parts, "PART_LIMIT", 10)
    sent(alice, upload, [b"0123456789"] * 3)
    assert told(send(alice, upload, b"0")) == (400, "too_many_parts", "data")
    assert len(parts_in_store(alice, upload)) == 3


def test_part_ids_that_name_no_part_or_one_twice_are_all_told(alice: Person, charlie: Person) -> None:
    upload, other, theirs = begun(alice), begun(alice), begun(charlie)
    part_ids, (elsewhere, *_), (foreign, *_) = sent(alice, upload), sent(alice, other), sent(charlie, theirs)
    answer = complete(alice, upload, [*part_ids, elsewhere, foreign, part_ids[0], "part_x"])
    assert answer.status_code == 400
    assert faults(answer) == [
        ("part_ids.3", "unknown_part"),
        ("part_ids.4", "unknown_part"),
        ("part_ids.5", "duplicate_part"),
        ("part_ids.6", "unknown_part"),
    ]
    assert told(complete(alice, upload, [])) == (400, "empty", "part_ids")
    assert complete(alice, upload, part_ids).status_code == 200


def test_a_sum_or_a_hash_that_differs_leaves_the_upload_pending(alice: Person) -> None:
    upload = begun(alice)
    part_ids = sent(alice, upload)
    answer = complete(alice, upload, part_ids[:2])
    assert told(answer) == (400, "size_mismatch", "part_ids")
    assert f"{2 * THIRD:,}" in answer.json()["error"]["message"]
    assert f"{len(CONTENT):,}" in answer.json()["error"]["message"]
    assert told(complete(alice, upload, part_ids, md5="0" * 32)) == (400, "md5_mismatch", "md5")
    assert told(complete(alice, upload, part_ids, md5="short")) == (400, "invalid", "md5")
    assert blobs.listing(f"{keys.tenant_prefix(alice.tenant.id)}files/") == []
    assert alice.get("/v1/files").json()["data"] == []
    last = complete(alice, upload, part_ids)
    assert last.status_code == 200, last.content


def test_a_part_whose_bytes_are_gone_is_told(alice: Person) -> None:
    upload = begun(alice)
    part_ids = sent(alice, upload)
    blobs.delete(keys.upload_part(alice.tenant.id, upload, part_ids[1]))
    assert told(complete(alice, upload, part_ids)) == (400, "part_missing", "part_ids")
    assert blobs.listing(f"{keys.tenant_prefix(alice.tenant.id)}files/") == []


def test_cancelling_removes_the_bytes(alice: Person) -> None:
    upload = begun(alice)
    sent(alice, upload)
    assert len(parts_in_store(alice, upload)) == 3
    answer = alice.post(f"/v1/uploads/{upload}/cancel")
    assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")
    assert parts_in_store(alice, upload) == []
    assert alice.get(f"/v1/uploads/{upload}").json()["parts"] == []


def test_an_upload_that_ends_meanwhile_leaves_no_bytes(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a part is stored, and while the parts are put together, someone cancels."""
    for module, name in ((upload_parts, "store"), (assembling, "assemble")):
        upload = begun(alice)
        part_ids = sent(alice, upload)
        with monkeypatch.context() as raced:
            raced.setattr(module, name, overtaken(getattr(module, name), alice, f"/v1/uploads/{upload}/cancel"))
            late = send(alice, upload, b"late") if name == "store" else complete(alice, upload, part_ids)
        assert told(late) == (400, "upload_cancelled", "id")
        assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == []


def test_two_completions_at_once_make_one_file(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = begun(alice)
    body, key = {"part_ids": sent(alice, upload)}, {"Idempotency-Key": "one"}
    path = f"/v1/uploads/{upload}/complete"
    with monkeypatch.context() as raced:
        raced.setattr(assembling, "assemble", overtaken(assembling.assemble, alice, path, body, **key))
        answer = alice.post(path, body, **key)
    assert (answer.status_code, answer["Idempotent-Replayed"]) == (200, "true")
    file = answer.json()["file"]["id"]
    assert [one["id"] for one in alice.get("/v1/files").json()["data"]] == [file]
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == [keys.upload(alice.tenant.id, file)]


def overtaken(work: Callable[..., Any], person: Person, path: str, body: Any = None, **headers: str) -> Any:
    """`work`, during whose first run another request begins and ends."""
    runs: list[None] = []

    def slow(*args: Any, **kwargs: Any) -> Any:
        done = work(*args, **kwargs)
        runs.append(None)
        if len(runs) == 1:
            assert person.post(path, body, **headers).status_code == 200
        return done

    return slow


@pytest.mark.parametrize("end", ["completed", "cancelled", "expired"])
def test_an_end_is_final(alice: Person, end: str) -> None:
    upload = begun(alice)
    part_ids = sent(alice, upload)
    if end == "completed":
        complete(alice, upload, part_ids)
    elif end == "cancelled":
        alice.post(f"/v1/uploads/{upload}/cancel")
    else:
        set_times(upload, expires_at=Now())
    assert alice.get(f"/v1/uploads/{upload}").json()["status"] == end
    left = parts_in_store(alice, upload)
    for answer in (
        send(alice, upload, b"more"),
        complete(alice, upload, part_ids),
        alice.post(f"/v1/uploads/{upload}/presign"),
        alice.post(f"/v1/uploads/{upload}/cancel"),
    ):
        assert told(answer) == (400, f"upload_{end}", "id")
        assert answer["x-should-retry"] == "false"
    assert parts_in_store(alice, upload) == left
    assert len(alice.get("/v1/files").json()["data"]) == (end == "completed")


def test_an_expired_uploads_parts_are_removed_by_the_clock(alice: Person, charlie: Person) -> None:
    over, fresh, theirs = begun(alice), begun(alice), begun(charlie)
    for person, upload in ((alice, over), (alice, fresh), (charlie, theirs)):
        sent(person, upload)
    set_times(over, expires_at=Now() - timedelta(hours=2), tidy_at=Now() - timedelta(hours=1))
    clock.look(clock.Broker(), tidy=True)
    assert tidying.ended_uploads() == 0
    assert alice.get(f"/v1/uploads/{over}").json()["status"] == "expired"
    assert parts_in_store(alice, over) == []
    parts = UploadPart.objects.unscoped(using="system")
    assert set(parts.values_list("upload_id", flat=True)) == {fresh, theirs}
    assert (len(parts_in_store(alice, fresh)), len(parts_in_store(charlie, theirs))) == (3, 3)


def test_a_store_that_is_away_stops_no_clock_and_is_tidied_later(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = begun(alice)
    sent(alice, upload)
    set_times(upload, expires_at=Now() - timedelta(hours=2), tidy_at=Now() - timedelta(hours=1))
    with monkeypatch.context() as away:
        away.setattr(blobs, "delete_folder", Mock(side_effect=blobs.StoreUnavailable("away")))
        clock.look(clock.Broker(), tidy=True)
    assert len(parts_in_store(alice, upload)) == 3
    clock.look(clock.Broker(), tidy=True)
    assert parts_in_store(alice, upload) == []


def test_what_lands_after_the_end_is_removed_by_the_clock(alice: Person) -> None:
    upload = begun(alice)
    (address,) = presigned(alice, upload)
    alice.post(f"/v1/uploads/{upload}/cancel")
    assert httpx.put(address["url"], content=CONTENT).status_code == 200
    set_times(upload, tidy_at=Now() - timedelta(seconds=1))
    assert tidying.ended_uploads() == 1
    assert parts_in_store(alice, upload) == []
    assert alice.get(f"/v1/uploads/{upload}").json()["status"] == "cancelled"


def test_a_file_is_kept_as_long_as_was_asked(alice: Person) -> None:
    upload = begun(alice, expires_after={"anchor": "created_at", "seconds": 3_600})
    file = complete(alice, upload, sent(alice, upload)).json()["file"]
    assert file["expires_at"] - file["created_at"] == pytest.approx(3_600, abs=2)
    tidying.expired_files()
    assert alice.get(f"/v1/files/{file['id']}").status_code == 200
    File.objects.unscoped(using="system").update(expires_at=Now() - timedelta(seconds=1))
    tidying.expired_files()
    assert alice.get(f"/v1/files/{file['id']}").status_code == 404
    assert blobs.listing(keys.tenant_prefix(alice.tenant.id)) == []
    assert alice.get(f"/v1/uploads/{upload}").json()["file"] is None


def test_under_one_key_each_call_happens_once(alice: Person) -> None:
    key = {"Idempotency-Key": "one"}
    wish = {"filename": "a", "purpose": "fine-tune", "bytes": len(CONTENT), "mime_type": "text/csv"}
    first, again = (alice.post("/v1/uploads", wish, **key) for _ in range(2))
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    upload = first.json()["id"]
    part, same = (send(alice, upload, CONTENT, **{"Idempotency-Key": "two"}) for _ in range(2))
    assert (same.json(), same["Idempotent-Replayed"]) == (part.json(), "true")
    assert parts_in_store(alice, upload) == [keys.upload_part(alice.tenant.id, upload, part.json()["id"])]
    assert told(send(alice, upload, b"other", **{"Idempotency-Key": "two"}))[1] == "idempotency_error"
    done, repeated = (
        alice.post(f"/v1/uploads/{upload}/complete", {"part_ids": [part.json()["id"]]}, **{"Idempotency-Key": "three"})
        for _ in range(2)
    )
    assert (done.status_code, repeated.json(), repeated["Idempotent-Replayed"]) == (200, done.json(), "true")
    assert len(blobs.listing(keys.tenant_prefix(alice.tenant.id))) == 1


def test_a_retry_without_a_key_gets_the_first_answer(alice: Person) -> None:
    """openai-python repeats a call whose answer was lost; completing twice must not tell it of a conflict."""
    upload = begun(alice)
    body = {"part_ids": sent(alice, upload)}
    first = alice.post(f"/v1/uploads/{upload}/complete", body, **{"x-stainless-retry-count": "0"})
    again = alice.post(f"/v1/uploads/{upload}/complete", body, **{"x-stainless-retry-count": "1"})
    assert (again.status_code, again.json()) == (200, first.json())


def test_each_move_leaves_one_audit_line(alice: Person) -> None:
    kept, dropped = begun(alice), begun(alice)
    complete(alice, kept, sent(alice, kept))
    alice.post(f"/v1/uploads/{dropped}/cancel")
    with tenant_context(alice.tenant.id):
        lines = AuditLog.objects.filter(target__in=(kept, dropped)).order_by("id").values_list("target", "action")
        assert list(lines) == [
            (kept, "upload.created"),
            (dropped, "upload.created"),
            (kept, "upload.completed"),
            (dropped, "upload.cancelled"),
        ]


def test_another_tenants_upload_answers_like_an_absent_one(alice: Person, charlie: Person) -> None:
    upload = begun(alice)
    part_ids = sent(alice, upload)
    assert charlie.get(f"/v1/uploads/{upload}").status_code == 404
    assert send(charlie, upload, b"mine").status_code == 404
    assert complete(charlie, upload, part_ids).status_code == 404
    for call in ("presign", "cancel"):
        assert charlie.post(f"/v1/uploads/{upload}/{call}").status_code == 404
    assert len(parts_in_store(alice, upload)) == 3
    assert blobs.listing(keys.tenant_prefix(charlie.tenant.id)) == []
    assert complete(alice, upload, part_ids).status_code == 200


def set_times(upload: str, **times: Any) -> None:
    assert Upload.objects.unscoped(using="system").filter(id=upload).update(**times) == 1
