"""Lists in OpenAI's shape: every row once whatever the page size, in either direction, narrowed by metadata."""

import pytest

from tests.conftest import Person
from tests.factories import training


@pytest.fixture
def ids(alice: Person) -> list[str]:
    """Seven tasks, newest first."""
    ready = training.dataset(alice)
    made = [
        alice.post(
            "/v1/tasks",
            {
                "name": f"task {number}",
                "type": "text-classification",
                "dataset": ready["id"],
                "metadata": {"team": "ab"[number % 2]},
            },
        ).json()["id"]
        for number in range(7)
    ]
    return made[::-1]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
def test_pages_hold_every_row_once(alice: Person, ids: list[str], size: int) -> None:
    found: list[str] = []
    page = alice.get(f"/v1/tasks?limit={size}").json()
    while True:
        found += [row["id"] for row in page["data"]]
        assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
        if not page["has_more"]:
            break
        page = alice.get(f"/v1/tasks?limit={size}&after={page['last_id']}").json()
    assert found == ids


def test_before_and_order_turn_it_round(alice: Person, ids: list[str]) -> None:
    def listed(query: str) -> list[str]:
        return [row["id"] for row in alice.get(f"/v1/tasks?{query}").json()["data"]]

    assert listed("order=asc") == ids[::-1]
    assert listed(f"before={ids[3]}") == ids[:3]
    assert listed(f"order=asc&after={ids[3]}") == ids[:3][::-1]
    assert listed("after=task_" + "0" * 26) == []


def test_metadata_narrows_a_list(alice: Person, ids: list[str]) -> None:
    page = alice.get("/v1/tasks?metadata[team]=b").json()
    assert {row["metadata"]["team"] for row in page["data"]} == {"b"}
    assert len(page["data"]) == 3
