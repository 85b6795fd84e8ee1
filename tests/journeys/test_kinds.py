"""Kinds that are trained and not served, as a customer meets them over HTTP: from a file to files that load.

One of each family of answers that has files of its own; every kind's training is in `tests/engine/test_kinds.py`.
"""

import json
from pathlib import Path

import httpx
import pytest
from transformers import AutoModel

from contracts import manifest
from contracts.task import QUESTION_ANSWERING, TEXT_CLASSIFICATION, TEXT_MATCHING, TOKEN_CLASSIFICATION
from embedded.demo.client import Refused
from tests.engine import kinds
from tests.engine.kinds import Form
from tests.journeys.stack import Stack, together, until

pytestmark = together


FORMS = (
    (TEXT_CLASSIFICATION, "multi-label"), (TOKEN_CLASSIFICATION, "tagged"), (TEXT_MATCHING, "triples"),
    (QUESTION_ANSWERING, "extractive"),
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form[1])
def test_a_file_becomes_a_model_with_a_report_that_is_fetched_and_loaded(
    landfall: Stack, tmp_path: Path, form: Form
) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text("".join(f"{json.dumps(row)}\n" for row in kinds.rows(form)))
    with landfall.acme as acme:
        uploaded = acme.upload(file, purpose="fine-tune")
        made = acme.post("/v1/datasets", {"file": uploaded["id"], "type": form[0]})
        address = f"/v1/datasets/{made['id']}"
        ready = until(lambda: (found := acme.get(address))["status"] != "processing" and found)
        assert ready["status"] == "ready", ready["error"]
        task = acme.post("/v1/tasks", {"name": f"kind {form[1]}", "type": form[0], "dataset": ready["id"]})
        assert task["form"] == form[1]
        asked = {
            "model": "tiny", "training_file": uploaded["id"], "task": task["id"],
            "hyperparameters": {"n_epochs": 2},
        }  # fmt: skip
        with pytest.raises(Refused) as refused:
            acme.post("/v1/fine_tuning/jobs", {**asked, "deploy": True})
        assert refused.value.code == "task_not_served"
        path = f"/v1/fine_tuning/jobs/{acme.post('/v1/fine_tuning/jobs', asked)['id']}"
        job = until(lambda: (found := acme.get(path))["finished_at"] and found)
        assert job["status"] == "succeeded", job["error"]
        model = acme.get(f"/v1/models/{job['fine_tuned_model']}")
        assert model["metrics"]["sentence"].startswith("The model reaches")
        assert model["metrics"]["sentence"] in acme.page(f"/v1/models/{model['id']}/report").replace("&#x27;", "'")
        folder = tmp_path / "model"
        for one in acme.get(f"/v1/models/{model['id']}/download")["files"]:
            target = folder / one["path"]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(httpx.get(one["url"]).content)
    assert manifest.verify(folder).about["task"] == form[0]
    assert AutoModel.from_pretrained(folder).config.hidden_size == 32
