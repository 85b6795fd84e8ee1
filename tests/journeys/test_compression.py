"""A model that was trained before is made smaller over HTTP: the task's next model, which is served like any other."""

from pathlib import Path
from typing import Any

from embedded.demo.client import Client
from tests.journeys.stack import Stack, messages, task_of, together, until
from tests.journeys.test_releases import answering, model_of

pytestmark = together


def compressed(tenant: Client, model: str, **asked: Any) -> dict[str, Any]:
    path = f"/v1/compression/jobs/{tenant.post('/v1/compression/jobs', {'model': model, 'compression': asked})['id']}"
    job: dict[str, Any] = until(lambda: (found := tenant.get(path))["finished_at"] and found)
    assert job["status"] == "succeeded", job["error"]
    return job


def test_a_model_is_cut_published_and_served_where_it_holds_its_contract(landfall: Stack, tmp_path: Path) -> None:
    with landfall.acme as acme:
        file, task = task_of(acme, messages(tmp_path))
        model = model_of(acme, file, task)
        cut = {"method": "layer_drop", "layers": 1, "epochs": 1, "max_loss": 100}
        refused = compressed(acme, model, **cut, min_speedup=1e6)
        assert refused["compressed_model"] is None
        assert "breaks the contract" in refused["result"]["compression_sentence"]
        assert refused["result"]["compressed_bytes"] < refused["result"]["original_bytes"]
        kept = compressed(acme, model, **cut, min_speedup=0)
        made = acme.get(f"/v1/models/{kept['compressed_model']}")
        assert (made["version"], made["task"], made["base_model"]) == (2, task["id"], "tiny")
        assert kept["result"]["compression_sentence"] in acme.page(f"/v1/models/{made['id']}/report")
        acme.post("/v1/endpoints", {"name": "small", "model": made["id"]})
        assert until(lambda: answering(acme, "small")) == made["id"]
