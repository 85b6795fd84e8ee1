"""A file becomes a version with a report, or is rejected with every reason; nothing is lost either way."""

from datetime import timedelta
from typing import Any

import httpx
import polars as pl
import pytest
from django.db.models.functions import Now

from storage import blobs, keys
from tenants.models import AuditLog
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import Dataset, DatasetVersion
from training.services import tidying
from webhooks.models import Event
from workers import clock


def test_a_file_becomes_a_split_hashed_version(alice: Person) -> None:
    made = training.dataset(alice)
    assert made["status"] == "ready"
    assert made["rows"]["total"] == 60
    assert made["rows"]["train"] == 48
    assert made["report"]["columns"] == {"text": "text", "label": "label"}
    versions = alice.get(f"/v1/datasets/{made['id']}/versions").json()["data"]
    assert [version["id"] for version in versions] == [made["version"]]
    with tenant_context(alice.tenant.id):
        prefix = DatasetVersion.objects.get(id=made["version"]).prefix
    assert {key.removeprefix(prefix) for key in blobs.listing(prefix)} == {
        "data.parquet",
        "issues.json",
        "preview.json",
        "report.html",
        "report.json",
    }


def test_the_same_file_and_seed_give_the_same_version_hash(alice: Person) -> None:
    first, second = training.dataset(alice), training.dataset(alice)
    assert first["report"]["sha256"] == second["report"]["sha256"]
    other = training.dataset(alice, split={"seed": 1})
    assert other["report"]["sha256"] != first["report"]["sha256"]


def test_readiness_and_rejection_are_told_as_events(alice: Person) -> None:
    ready, rejected = training.dataset(alice), training.dataset(alice, b"text,label\n")
    assert (ready["status"], rejected["status"]) == ("ready", "rejected")
    with tenant_context(alice.tenant.id):
        assert set(Event.objects.values_list("type", flat=True)) == {"dataset.ready", "dataset.rejected"}


BAD = {
    "header only": (b"text,label\n", "messages.csv", "empty_dataset"),
    "a zip named csv": (b"PK\x03\x04" + b"\x00" * 200, "messages.csv", "type_mismatch"),
    "latin-1": (b"text,label\n" + "für alle Fälle,größe\n".encode("latin-1") * 30, "m.csv", "encoding_unconfirmed"),
    "one label": (training.messages(60, labels=1), "messages.csv", "one_class"),
    "two rows": (training.messages(2), "messages.csv", "too_few_rows"),
    "a cell of 10 MB": (training.messages(60) + b"x" * 10_000_000 + b",refund\n", "messages.csv", "cell_too_long"),
    "a header twice": (b"text,text,label\na,b,c\n" * 20, "messages.csv", "duplicate_column"),
    "an open quote": (training.messages(60) + b'"never closed,refund\n', "messages.csv", "unterminated_quote"),
    "broken jsonl": (b'{"text": "a", "label": "b"}\n{oops\n', "messages.jsonl", "bad_json_line"),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_rejected_with_its_reason_and_kept(alice: Person, case: str) -> None:
    content, filename, code = BAD[case]
    made = training.dataset(alice, content, filename=filename)
    assert (made["status"], made["error"]["code"]) == ("rejected", code)
    assert made["error"]["message"].endswith((".", "?", ")"))
    assert made["version"] is None
    assert alice.download(f"/v1/files/{made['file']}/content") == content


def test_a_column_that_is_not_there_is_named_with_those_that_are(alice: Person) -> None:
    made = training.dataset(alice, columns={"text": "message", "label": "label"})
    assert made["error"]["code"] == "missing_column"
    assert "'text'" in made["error"]["message"]


def test_a_request_tells_all_its_faults_at_once(alice: Person) -> None:
    answer = alice.post("/v1/datasets", {"fil": "x", "split": {"train": "much"}, "format": "xls"})
    assert answer.status_code == 400
    faults = {(fault["param"], fault["code"]) for fault in answer.json()["error"]["errors"]}
    assert {
        ("fil", "unknown_field"),
        ("file", "missing"),
        ("split.train", "wrong_type"),
        ("format", "invalid_choice"),
    } <= faults


def test_shares_must_add_up(alice: Person) -> None:
    made = training.file(alice)
    answer = alice.post("/v1/datasets", {"file": made["id"], "split": {"train": 0.9, "validation": 0.3, "test": 0.1}})
    assert (answer.status_code, answer.json()["error"]["errors"][0]["param"]) == (400, "split")


def test_a_file_of_another_tenant_is_no_file(alice: Person, charlie: Person) -> None:
    made = training.file(alice)
    foreign = charlie.post("/v1/datasets", {"file": made["id"]})
    absent = charlie.post("/v1/datasets", {"file": made["id"][:-1] + "0"})
    assert foreign.status_code == absent.status_code == 404


def test_a_data_set_in_use_is_kept(alice: Person) -> None:
    made = training.task(alice)
    answer = alice.delete(f"/v1/datasets/{made['dataset']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "dataset_in_use")
    assert answer["x-should-retry"] == "false"


def test_a_deleted_data_set_takes_its_bytes_along(alice: Person) -> None:
    made = training.dataset(alice)
    with tenant_context(alice.tenant.id):
        prefix = DatasetVersion.objects.get(id=made["version"]).prefix
    assert alice.delete(f"/v1/datasets/{made['id']}").json()["deleted"] is True
    assert blobs.listing(prefix) == []


def test_a_version_is_fetched_straight_from_the_store(alice: Person) -> None:
    made = training.dataset(alice)
    answer = alice.get(f"/v1/datasets/{made['id']}/download").json()
    fetched = httpx.get(answer["url"])
    assert (fetched.status_code, len(fetched.content)) == (200, answer["bytes"])
    assert pl.read_parquet(fetched.content).height == 60
    assert f'filename="{made["version"]}.parquet"' in fetched.headers["content-disposition"]
    assert (
        alice.get(f"/v1/datasets/{made['id']}/download?version={made['version']}").json()["sha256"] == answer["sha256"]
    )


def test_a_version_of_another_data_set_is_no_version(alice: Person) -> None:
    one, other = training.dataset(alice), training.dataset(alice, split={"seed": 1})
    answer = alice.get(f"/v1/datasets/{one['id']}/download?version={other['version']}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_the_report_is_a_page_too_in_which_nothing_can_run(alice: Person) -> None:
    made = training.dataset(alice)
    answer = alice.get(f"/v1/datasets/{made['id']}/report?format=html")
    assert "60 rows ready to learn from" in answer.content.decode()
    assert answer["content-security-policy"].startswith("default-src 'none'")
    assert alice.get(f"/v1/datasets/{made['id']}/report").json()["rows"]["total"] == 60
    assert alice.get(f"/v1/datasets/{made['id']}/report?format=pdf").json()["error"]["param"] == "format"


def overdue(dataset: dict[str, Any]) -> None:
    Dataset.objects.unscoped(using="system").filter(id=dataset["id"]).update(expires_at=Now() - timedelta(seconds=1))


def test_a_data_set_is_kept_as_long_as_was_asked(alice: Person, charlie: Person) -> None:
    kept = training.dataset(alice, expires_after={"anchor": "created_at", "seconds": 3_600})
    theirs = training.dataset(charlie)
    assert kept["expires_at"] - kept["created_at"] == pytest.approx(3_600, abs=2)
    assert tidying.expired_datasets() == 0
    overdue(kept)
    clock.look(clock.Broker(), tidy=True)
    assert alice.get(f"/v1/datasets/{kept['id']}").status_code == 404
    assert charlie.get(f"/v1/datasets/{theirs['id']}").status_code == 200
    assert not [key for key in blobs.listing(keys.tenant_prefix(alice.tenant.id)) if "datasets" in key]


def test_a_data_set_in_use_outlives_its_time_and_that_is_on_record(alice: Person) -> None:
    made = training.dataset(alice, expires_after={"anchor": "created_at", "seconds": 3_600})
    training.task(alice, made)
    overdue(made)
    assert tidying.expired_datasets() == 1
    assert alice.get(f"/v1/datasets/{made['id']}").status_code == 200
    assert tidying.expired_datasets() == 0
    with tenant_context(alice.tenant.id):
        assert AuditLog.objects.get(action="dataset.kept").details["why"] == "dataset_in_use"


def test_texts_are_counted_as_a_base_model_reads_them(alice: Person) -> None:
    made = training.dataset(alice, training.messages(60) + b"word " * 2_000 + b",refund\n")
    findings = {finding["code"]: finding for finding in made["report"]["findings"]}
    assert findings["truncated_text"]["rows"] == [61]
    assert "minilm-l6" in findings["truncated_text"]["message"]
    assert "Tokens, as minilm-l6 reads" in [drawn["title"] for drawn in made["report"]["histograms"]]
    first = alice.get(f"/v1/datasets/{made['id']}/rows").json()["data"][0]
    assert first["pieces"]["text"][:4] == ["[CLS]", "where", "is", "my"]


def test_a_base_model_that_is_not_there_is_named_with_those_that_are(alice: Person) -> None:
    answer = alice.post("/v1/datasets", {"file": training.file(alice)["id"], "base_model": "minilm"})
    assert (answer.status_code, answer.json()["error"]["param"]) == (400, "base_model")
    assert "minilm-l6" in answer.json()["error"]["message"]
