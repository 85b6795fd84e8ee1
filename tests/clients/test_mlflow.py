"""The unmodified `mlflow` client against the running stack: our jobs as its runs, our aliases as its aliases."""

from pathlib import Path

import mlflow
import pytest
from mlflow.exceptions import MlflowException, RestException

from tests.journeys.stack import Stack, messages, task_of, together
from tests.journeys.test_releases import model_of

pytestmark = together


@pytest.fixture
def client(landfall: Stack, monkeypatch: pytest.MonkeyPatch) -> mlflow.MlflowClient:
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", landfall.addresses.api_key)
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    return mlflow.MlflowClient(f"{landfall.addresses.base_url}/mlflow")


def test_a_job_is_a_run_and_its_model_a_version(
    landfall: Stack, client: mlflow.MlflowClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with landfall.acme as acme:
        file, task = task_of(acme, messages(tmp_path))
        model = model_of(acme, file, task)
        acme.post(f"/v1/models/{model}/aliases", {"name": "champion"})
        told = acme.get(f"/v1/models/{model}")

    assert task["id"] in [one.experiment_id for one in client.search_experiments()]
    assert client.get_experiment(task["id"]).name == task["name"]
    (run,) = client.search_runs([task["id"]], "metrics.accuracy >= 0", order_by=["metrics.accuracy DESC"])
    assert (run.info.run_id, run.info.status) == (told["job"], "FINISHED")
    assert run.data.metrics["accuracy"] == pytest.approx(told["metrics"]["accuracy"])
    assert run.data.params["model"] == "tiny"
    losses = client.get_metric_history(run.info.run_id, "valid_loss")
    assert losses
    assert losses[-1].value == pytest.approx(client.get_run(run.info.run_id).data.metrics["valid_loss"])

    version = client.get_model_version_by_alias(task["id"], "champion")
    assert (version.source, version.run_id) == (model, told["job"])
    assert model in [one.source for one in client.search_model_versions(f"name = '{task['name']}'")]
    assert client.get_registered_model(task["id"]).aliases == {"champion": version.version}

    with pytest.raises(MlflowException, match="There is no experiment"):
        client.get_experiment("task_" + "0" * 26)
    with pytest.raises(RestException, match="cannot be read"):
        client.search_runs([task["id"]], "metrics.accuracy = 'high'")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", landfall.addresses.other_api_key)
    with pytest.raises(MlflowException, match="There is no fine-tuning job"):
        client.get_run(run.info.run_id)
