"""The unmodified `huggingface_hub.InferenceClient` against an endpoint of the running stack."""

from pathlib import Path

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from tests.engine import tiny
from tests.journeys.stack import Stack, messages, together
from tests.journeys.stack import task_of as task_on
from tests.journeys.test_releases import answering, model_of

pytestmark = together


@pytest.fixture(scope="module")
def endpoint(landfall: Stack, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The Hugging Face URL that the endpoint itself tells."""
    folder: Path = tmp_path_factory.mktemp("messages")
    with landfall.acme as acme:
        file, task = task_on(acme, messages(folder))
        model_of(acme, file, task, deploy={"endpoint": "for-hf"})
        answering(acme, "for-hf")  # comes back while the model loads, which the client below does not
        found = next(one for one in acme.get("/v1/endpoints")["data"] if one["name"] == "for-hf")
        return str(found["urls"]["huggingface"])


def test_text_classification_reads_every_label(landfall: Stack, endpoint: str) -> None:
    client = InferenceClient(model=endpoint, token=landfall.addresses.api_key)
    answer = client.text_classification("what is the charge, please refund the extra fee")
    assert {one.label for one in answer} == set(tiny.LABELS)
    assert answer[0].label == "fees"
    assert sum(one.score for one in answer) == pytest.approx(1, abs=1e-4)
    assert [one.label for one in client.text_classification("my card pin", top_k=1)] == ["cards"]


def test_another_tenant_and_a_bad_input_are_told_in_the_clients_words(landfall: Stack, endpoint: str) -> None:
    with pytest.raises(HfHubHTTPError, match="There is no endpoint"):
        InferenceClient(model=endpoint, token=landfall.addresses.other_api_key).text_classification("my card")
    with pytest.raises(HfHubHTTPError, match="inputs is empty"):
        InferenceClient(model=endpoint, token=landfall.addresses.api_key).text_classification(" ")
