"""A version is cleaned into the next one: recorded, numbered, hashed; the old one and what was learnt from it stay."""

from storage import blobs
from tenants.scoping import tenant_context
from tests.conftest import Person
from tests.factories import training
from training.models import DatasetVersion, FineTune

MORE = "<b>where</b> is my parcel &amp; me@x.example,delivery\nwhere is my parcel order 0,refund\n"
DIRTY = training.messages(60) + MORE.encode()


def derived(person: Person, dataset: str, *steps: object, **more: object) -> dict[str, object]:
    answer = person.post(f"/v1/datasets/{dataset}/derive", {"steps": list(steps), **more})
    assert answer.status_code == 202, answer.content
    assert answer.json()["derivation"]["status"] == "queued"
    training.work("cpu")
    found: dict[str, object] = person.get(f"/v1/datasets/{dataset}").json()
    return found


def fixes(person: Person, dataset: str) -> list[dict[str, str]]:
    """The steps that the findings themselves name."""
    issues = person.get(f"/v1/datasets/{dataset}/issues").json()["data"]
    return [{"name": issue["fix"]} for issue in issues if issue["fix"]]


def test_every_row_of_a_finding_is_listed_with_the_step_that_mends_it(alice: Person) -> None:
    made = training.dataset(alice, DIRTY)
    issues = {issue["code"]: issue for issue in alice.get(f"/v1/datasets/{made['id']}/issues").json()["data"]}
    assert set(issues) == {"conflicting_labels", "markup", "personal_data"}
    assert (issues["markup"]["rows"], issues["markup"]["fix"]) == ([61], "strip_html")
    assert issues["conflicting_labels"]["rows"] == [1, 62]


def test_the_named_fixes_make_a_version_without_findings(alice: Person) -> None:
    made = training.dataset(alice, DIRTY)
    after = derived(alice, made["id"], *fixes(alice, made["id"]))
    assert after["status"] == "ready"
    assert after["derivation"]["status"] == "succeeded"  # type: ignore[index]
    assert alice.get(f"/v1/datasets/{made['id']}/issues").json()["data"] == []
    newest, oldest = alice.get(f"/v1/datasets/{made['id']}/versions").json()["data"]
    assert (newest["number"], newest["parent"], oldest["parent"]) == (2, oldest["id"], None)
    assert [step["name"] for step in newest["steps"]] == ["drop_conflicts", "strip_html", "mask_personal_data"]
    assert (oldest["rows"]["total"], newest["rows"]["total"]) == (62, 60)
    assert newest["sha256"] != oldest["sha256"]
    rows = {row["row"]: row["text"] for row in alice.get(f"/v1/datasets/{made['id']}/rows").json()["data"]}
    assert rows[61] == "where is my parcel & [mail]"
    assert 1 not in rows
    with tenant_context(alice.tenant.id):
        for version in DatasetVersion.objects.all():
            assert len(blobs.listing(version.prefix)) == 5


def test_the_same_steps_on_the_same_version_give_the_same_hash(alice: Person) -> None:
    first, second = training.dataset(alice, DIRTY), training.dataset(alice, DIRTY)
    step = {"name": "strip_html"}
    hashes = {derived(alice, made["id"], step)["report"]["sha256"] for made in (first, second)}  # type: ignore[index]
    assert len(hashes) == 1


def test_cleaning_may_be_asked_for_at_once(alice: Person) -> None:
    made = training.dataset(alice, DIRTY, cleaning=[{"name": "strip_html"}])
    assert made["report"]["steps"] == [{"name": "strip_html", "dropped": 0, "changed": 1}]


def test_a_derivation_that_fails_leaves_the_data_set_as_it_was(alice: Person) -> None:
    made = training.dataset(alice, DIRTY)
    after = derived(alice, made["id"], {"name": "drop_rows", "rows": [999]})
    assert (after["status"], after["version"], after["error"]) == ("ready", made["version"], None)
    assert after["derivation"]["error"]["code"] == "unknown_row"  # type: ignore[index]


def test_one_at_a_time_and_none_of_a_data_set_that_is_not_ready(alice: Person, charlie: Person) -> None:
    made = training.dataset(alice, DIRTY)
    path, body = f"/v1/datasets/{made['id']}/derive", {"steps": [{"name": "strip_html"}]}
    assert alice.post(path, body).status_code == 202
    second = alice.post(path, {"steps": [{"name": "drop_duplicates"}]})
    assert (second.status_code, second.json()["error"]["code"]) == (400, "derivation_running")
    assert alice.delete(f"/v1/datasets/{made['id']}").json()["error"]["code"] == "dataset_processing"
    assert charlie.post(path, body).status_code == 404
    waiting = alice.post("/v1/datasets", {"file": made["file"]}).json()
    refused = alice.post(f"/v1/datasets/{waiting['id']}/derive", body)
    assert refused.json()["error"]["code"] == "dataset_not_ready"


def test_faults_of_steps_are_told_at_once(alice: Person) -> None:
    made = training.dataset(alice)
    steps = [{"name": "strip_htm"}, {"name": "relabel"}, {"name": "drop_rows", "rows": [1], "labels": {"a": "b"}}]
    answer = alice.post(f"/v1/datasets/{made['id']}/derive", {"steps": steps})
    assert answer.status_code == 400
    params = [fault["param"] for fault in answer.json()["error"]["errors"]]
    assert params == ["steps.0.name", "steps.1.labels", "steps.2.labels"]


def test_a_job_trains_on_the_version_it_was_asked_for(alice: Person) -> None:
    """Also when it is tried again after the data set has moved on."""
    made = training.dataset(alice, DIRTY)
    task = training.task(alice, made)
    job = training.fine_tune(alice, task).json()["id"]
    derived(alice, made["id"], {"name": "drop_conflicts"})
    later = training.fine_tune(alice, task).json()["id"]
    with tenant_context(alice.tenant.id):
        versions = {row.job_id: row.dataset_version for row in FineTune.objects.select_related("dataset_version")}
    assert versions[job].id == made["version"]
    assert versions[later].number == 2
