"""An endpoint's life over both planes: a second model takes over, the first returns, a revoked key stops."""

from pathlib import Path
from typing import Any

import pytest

from embedded.demo.client import Client, Refused
from tests.journeys.stack import Stack, messages, task_of, together, until

pytestmark = together


def model_of(tenant: Client, file: dict[str, Any], task: dict[str, Any], **more: Any) -> str:
    body = {"model": "tiny", "training_file": file["id"], "task": task["id"], **more}
    path = f"/v1/fine_tuning/jobs/{tenant.post('/v1/fine_tuning/jobs', body)['id']}"
    job = until(lambda: (found := tenant.get(path))["finished_at"] and found)
    assert job["status"] == "succeeded", job["error"]
    return str(job["fine_tuned_model"])


def answering(tenant: Client, endpoint: str) -> str:
    body = {"inputs": ["my card chip is broken"], "parameters": {"top_k": 1}}
    return str(tenant.post(f"/v1/endpoints/{endpoint}/predict", body)["model"])


def test_a_release_switches_rolls_back_and_is_nobody_elses(landfall: Stack, tmp_path: Path) -> None:
    with landfall.acme as acme, landfall.globex as globex:
        file, task = task_of(acme, messages(tmp_path))
        first = model_of(acme, file, task, deploy={"endpoint": "switching"})
        second = model_of(acme, file, task, seed=1)
        assert answering(acme, "switching") == first
        endpoint = next(one for one in acme.get("/v1/endpoints")["data"] if one["name"] == "switching")["id"]
        acme.post(f"/v1/endpoints/{endpoint}/releases", {"model": second})
        until(lambda: answering(acme, endpoint) == second)
        acme.post(f"/v1/endpoints/{endpoint}/rollback", {})
        until(lambda: answering(acme, endpoint) == first)
        for name in ("switching", endpoint, "nothing"):
            with pytest.raises(Refused) as told:
                answering(globex, name)
            assert told.value.status == 404
        acme.delete(f"/v1/endpoints/{endpoint}")
        until(lambda: refused(acme, endpoint) == 404)


def refused(tenant: Client, endpoint: str) -> int:
    """The status of the refusal; 0 where there is none."""
    try:
        answering(tenant, endpoint)
    except Refused as told:
        return told.status
    return 0


def test_a_revoked_key_stops_on_both_planes(landfall: Stack) -> None:
    with landfall.acme as acme:
        made = acme.post("/v1/organization/api_keys", {"name": "for a day", "scopes": ["read", "predict"]})
        with Client(landfall.addresses.base_url, made["value"]) as colleague:
            assert colleague.get("/v1/files")["object"] == "list"
            assert refused(colleague, "nothing") == 404
            acme.delete(f"/v1/organization/api_keys/{made['id']}")
            with pytest.raises(Refused, match="revoked"):
                colleague.get("/v1/files")
            until(lambda: refused(colleague, "nothing") == 401)
