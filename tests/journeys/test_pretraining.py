"""A base of one's own, as a customer meets it over HTTP: from plain texts to a fine-tune that starts from what they
taught."""

from pathlib import Path

from contracts.task import MASKED_LANGUAGE
from tests.engine import kinds
from tests.journeys.stack import Stack, messages, task_of, together, until

pytestmark = together


def test_texts_become_a_base_and_a_fine_tune_starts_from_it(landfall: Stack, tmp_path: Path) -> None:
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("".join(f"{row['text']}\n" for row in kinds.rows((MASKED_LANGUAGE, "texts"))))
    with landfall.acme as acme:
        uploaded = acme.upload(corpus, purpose="fine-tune")
        asked = {"model": "tiny", "training_file": uploaded["id"], "hyperparameters": {"n_epochs": 2}}
        path = f"/v1/pretraining/jobs/{acme.post('/v1/pretraining/jobs', asked)['id']}"
        job = until(lambda: (found := acme.get(path))["finished_at"] and found)
        assert job["status"] == "succeeded", job["error"]
        base = acme.get(f"/v1/models/{job['pretrained_model']}")
        assert (base["task"], base["type"]) == (None, MASKED_LANGUAGE)
        assert base["metrics"]["perplexity"] < base["metrics"]["baseline_perplexity"]
        assert "How well texts are foretold" in acme.page(f"/v1/models/{base['id']}/report")
        file, task = task_of(acme, messages(tmp_path))
        wish = {
            "model": base["id"], "training_file": file["id"], "task": task["id"], "hyperparameters": {"n_epochs": 2},
        }  # fmt: skip
        path = f"/v1/fine_tuning/jobs/{acme.post('/v1/fine_tuning/jobs', wish)['id']}"
        job = until(lambda: (found := acme.get(path))["finished_at"] and found)
        assert job["status"] == "succeeded", job["error"]
        assert acme.get(f"/v1/models/{job['fine_tuned_model']}")["base_model"] == base["id"]
