"""The unmodified `openai` SDK against the running stack: change the base URL, keep the code."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from openai import OpenAI
from openai.types.fine_tuning import FineTuningJob

from tests.journeys.stack import Stack, messages, task_of, together, until

pytestmark = together


@pytest.fixture
def client(landfall: Stack) -> Iterator[OpenAI]:
    addresses = landfall.addresses
    with OpenAI(base_url=f"{addresses.base_url}/v1", api_key=addresses.api_key) as client:
        yield client


@pytest.fixture
def stranger(landfall: Stack) -> Iterator[OpenAI]:
    addresses = landfall.addresses
    with OpenAI(base_url=f"{addresses.base_url}/v1", api_key=addresses.other_api_key) as client:
        yield client


@pytest.fixture
def task(landfall: Stack, tmp_path: Path) -> str:
    """What OpenAI has no noun for is defined once with the native API."""
    with landfall.acme as acme:
        return str(task_of(acme, messages(tmp_path))[1]["id"])


def finished(client: OpenAI, job: str) -> FineTuningJob:
    def look() -> FineTuningJob | None:
        found = client.fine_tuning.jobs.retrieve(job)
        return found if found.finished_at else None

    ended: FineTuningJob = until(look)
    return ended


def test_upload_fine_tune_follow_and_list(client: OpenAI, stranger: OpenAI, task: str, tmp_path: Path) -> None:
    file = client.files.create(file=messages(tmp_path, rows=240), purpose="fine-tune")
    assert (file.object, file.purpose, file.filename) == ("file", "fine-tune", "messages.csv")
    job = client.fine_tuning.jobs.create(
        model="tiny",
        training_file=file.id,
        hyperparameters={"n_epochs": 3, "learning_rate_multiplier": 1.0, "batch_size": "auto"},
        seed=7,
        suffix="sdk",
        metadata={"team": "parts"},
        extra_body={"task": task, "deploy": {"endpoint": "from-openai"}},
    )
    assert (job.object, job.status, job.seed) == ("fine_tuning.job", "validating_files", 7)
    ended = finished(client, job.id)
    assert (ended.status, ended.error, ended.hyperparameters.n_epochs) == ("succeeded", None, 3)

    sentences = [event.message for event in client.fine_tuning.jobs.list_events(job.id, limit=5)]  # pages by itself
    assert len(sentences) > 5
    assert sentences[0] == "The job has succeeded."
    assert sentences[-1] == "The job waits for its data."

    assert ended.fine_tuned_model is not None
    assert client.models.retrieve(ended.fine_tuned_model).id == ended.fine_tuned_model
    assert ended.fine_tuned_model in [model.id for model in client.models.list()]
    assert job.id in [one.id for one in client.fine_tuning.jobs.list(limit=100)]

    for foreign in (
        lambda: stranger.files.retrieve(file.id),
        lambda: stranger.fine_tuning.jobs.retrieve(job.id),
        lambda: stranger.models.retrieve(str(ended.fine_tuned_model)),
    ):
        with pytest.raises(openai.NotFoundError):
            foreign()


def test_a_file_comes_back_and_goes(client: OpenAI, tmp_path: Path) -> None:
    path = messages(tmp_path)
    file = client.files.create(file=path, purpose="fine-tune")
    assert client.files.content(file.id).read() == path.read_bytes()
    assert file.id in [one.id for one in client.files.list(purpose="fine-tune")]
    assert client.files.delete(file.id).deleted
    with pytest.raises(openai.NotFoundError, match="There is no file"):
        client.files.retrieve(file.id)


def test_a_large_file_goes_up_in_parts(client: OpenAI, stranger: OpenAI, tmp_path: Path) -> None:
    path = messages(tmp_path, rows=2_000)
    size = path.stat().st_size
    digest = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    done = client.uploads.upload_file_chunked(
        file=path, purpose="fine-tune", mime_type="text/csv", part_size=size // 3, md5=digest
    )
    assert (done.object, done.status, done.bytes) == ("upload", "completed", size)
    assert done.file is not None
    assert client.files.content(done.file.id).read() == path.read_bytes()
    with pytest.raises(openai.BadRequestError, match="already been completed"):
        client.uploads.cancel(done.id)

    begun = client.uploads.create(filename="x.csv", purpose="fine-tune", mime_type="text/csv", bytes=10)
    part = client.uploads.parts.create(begun.id, data=b"too short")
    with pytest.raises(openai.BadRequestError, match="9 bytes together, but the upload announced 10"):
        client.uploads.complete(begun.id, part_ids=[part.id])
    with pytest.raises(openai.NotFoundError):
        stranger.uploads.parts.create(begun.id, data=b"mine")
    assert client.uploads.cancel(begun.id).status == "cancelled"


def test_faults_come_as_the_sdks_own_exceptions(client: OpenAI, landfall: Stack, task: str, tmp_path: Path) -> None:
    file = client.files.create(file=messages(tmp_path), purpose="fine-tune")
    with pytest.raises(openai.BadRequestError) as told:
        client.fine_tuning.jobs.create(
            model="gpt-9", training_file=file.id, hyperparameters={"n_epochs": 10_000}, extra_body={"task": task}
        )
    assert told.value.code == "unknown_base_model"
    assert isinstance(told.value.body, dict)
    assert [fault["param"] for fault in told.value.body["errors"]] == ["model", "hyperparameters.n_epochs"]
    with pytest.raises(openai.BadRequestError, match="task"):
        client.fine_tuning.jobs.create(model="tiny", training_file=file.id)
    with pytest.raises(openai.BadRequestError, match="empty"):
        client.files.create(file=("empty.csv", b""), purpose="fine-tune")
    with (
        OpenAI(base_url=str(client.base_url), api_key="sk-somebody-elses") as wrong,
        pytest.raises(openai.AuthenticationError, match="malformed, unknown or revoked"),
    ):
        wrong.files.list()


def test_a_job_rests_goes_on_and_leaves_checkpoints(
    client: OpenAI, stranger: OpenAI, task: str, tmp_path: Path
) -> None:
    file = client.files.create(file=messages(tmp_path), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(
        model="tiny",
        training_file=file.id,
        hyperparameters={"n_epochs": 40, "batch_size": 8},
        extra_body={"task": task},
    )
    until(lambda: any(event.type == "metrics" for event in client.fine_tuning.jobs.list_events(job.id, limit=20)))
    client.fine_tuning.jobs.pause(job.id)
    until(lambda: str(client.fine_tuning.jobs.retrieve(job.id).status) == "paused")
    assert client.fine_tuning.jobs.resume(job.id).status == "queued"
    ended = finished(client, job.id)
    assert (ended.status, ended.error) == ("succeeded", None)
    assert any("goes on from step" in event.message for event in client.fine_tuning.jobs.list_events(job.id))

    newest, *_ = client.fine_tuning.jobs.checkpoints.list(job.id)
    assert newest.fine_tuned_model_checkpoint == f"{ended.fine_tuned_model}:ckpt-step-{newest.step_number}"
    assert newest.metrics.full_valid_loss == newest.metrics.valid_loss
    assert newest.metrics.valid_loss is not None
    assert client.models.retrieve(newest.fine_tuned_model_checkpoint).id == newest.fine_tuned_model_checkpoint
    with pytest.raises(openai.NotFoundError):
        stranger.fine_tuning.jobs.pause(job.id)
    with pytest.raises(openai.BadRequestError, match="already succeeded"):
        client.fine_tuning.jobs.pause(job.id)


def test_a_job_is_cancelled_once(client: OpenAI, task: str, tmp_path: Path) -> None:
    file = client.files.create(file=messages(tmp_path), purpose="fine-tune")
    job = client.fine_tuning.jobs.create(
        model="tiny", training_file=file.id, hyperparameters={"n_epochs": 100}, extra_body={"task": task}
    )
    client.fine_tuning.jobs.cancel(job.id)
    assert finished(client, job.id).status == "cancelled"
    with pytest.raises(openai.BadRequestError, match="already been cancelled"):
        client.fine_tuning.jobs.cancel(job.id)
