"""Hugging Face's protocol: by hand for the bytes, and by its own unmodified client."""

import httpx
import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from tests.inference.runtime.house import ALICE, CHARLIE, LABELS, bearer


def test_the_answer_is_nested_for_one_text_and_for_several(client: httpx.Client) -> None:
    alone = client.post("/hf/parts", json={"inputs": "flat tyre"})
    assert alone.status_code == 200
    assert [len(labels) for labels in alone.json()] == [3]
    assert set(alone.json()[0][0]) == {"label", "score"}
    several = client.post("/hf/parts", json={"inputs": ["flat tyre", "my brakes squeak"]}).json()
    assert several[0] == alone.json()[0]
    assert len(several) == 2


def test_prediction_id_and_model_travel_in_headers(client: httpx.Client) -> None:
    headers = client.post("/hf/parts", json={"inputs": ["flat tyre", "x"]}).headers
    assert [each[:5] for each in headers["X-Prediction-Id"].split(",")] == ["pred_", "pred_"]
    assert headers["X-Model-Version"] == "mdl_1"
    assert headers["X-Request-Id"].startswith("req_")


def test_functions_are_applied_to_the_same_logits(client: httpx.Client) -> None:
    def scores(function: str) -> dict[str, float]:
        body = {"inputs": "flat tyre", "parameters": {"function_to_apply": function}}
        return {each["label"]: each["score"] for each in client.post("/hf/parts", json=body).json()[0]}

    logits, chances, shares = scores("none"), scores("sigmoid"), scores("softmax")
    assert sum(shares.values()) == pytest.approx(1, abs=1e-5)
    for label in LABELS:
        assert chances[label] == pytest.approx(1 / (1 + 2.718281828 ** -logits[label]), abs=1e-5)
    best, worst = max(logits.values()), min(logits.values())
    assert max(shares.values()) / min(shares.values()) == pytest.approx(2.718281828 ** (best - worst), rel=1e-4)


def test_a_refusal_has_a_text_and_a_type(client: httpx.Client) -> None:
    response = client.post("/hf/parts", json={"inputs": "", "parameters": {"function_to_apply": "tanh"}})
    assert response.status_code == 422
    body = response.json()
    assert set(body) == {"error", "error_type"}
    assert body["error_type"] == "validation"
    assert "inputs is empty" in body["error"]
    assert "softmax, sigmoid, none" in body["error"]


def test_a_foreign_endpoint_is_absent_here_too(client: httpx.Client) -> None:
    response = client.post("/hf/parts", json={"inputs": "x"}, headers=bearer(CHARLIE))
    assert response.status_code == 404
    assert response.json() == {"error": "There is no endpoint 'parts'.", "error_type": "not_found"}


def test_the_options_of_older_clients_are_accepted(client: httpx.Client) -> None:
    body = {"inputs": "flat tyre", "options": {"wait_for_model": True}}
    assert client.post("/hf/parts", json=body).status_code == 200


def test_the_unmodified_client_reads_every_label(client: httpx.Client) -> None:
    theirs = InferenceClient(model=f"{client.base_url}/hf/parts", token=ALICE)
    found = theirs.text_classification("my brakes squeak")
    ours = client.post("/hf/parts", json={"inputs": "my brakes squeak"}).json()[0]
    assert [(each.label, each.score) for each in found] == [(each["label"], each["score"]) for each in ours]
    assert len(theirs.text_classification("my brakes squeak", top_k=2, function_to_apply="sigmoid")) == 2


def test_the_unmodified_client_tells_its_user_what_was_wrong(client: httpx.Client) -> None:
    theirs = InferenceClient(model=f"{client.base_url}/hf/parts", token=ALICE)
    with pytest.raises(HfHubHTTPError, match="at most 20") as caught:
        theirs.text_classification("one " * 21)
    assert caught.value.response.status_code == 422
