"""The catalogue: what ships, what a deployment adds, and how a base in the object store reaches a worker."""

import json
from pathlib import Path

import pytest
from pytest_django import Settings

from contracts.fine_tune import FROM_SCRATCH, BaseModel
from storage import blobs
from training.services import base_models


@pytest.fixture
def listed(tmp_path: Path, settings: Settings) -> Path:
    """A deployment's own list."""
    path = tmp_path / "bases.json"
    entries = [
        {"name": "bge-small", "location": "BAAI/bge-small-en-v1.5", "revision": "5c38ec7"},
        {"name": "house", "location": "s3://bases/house/"},
    ]
    path.write_text(json.dumps(entries))
    settings.BASE_MODELS = str(path)
    settings.STATE = tmp_path
    return path


def test_the_shipped_encoder_is_a_folder_with_safe_weights() -> None:
    base = base_models.catalogue()["minilm-l6"]
    assert (Path(base.location) / "model.safetensors").is_file()


def test_a_deployment_adds_its_own_and_an_unknown_one_is_told_with_them(listed: Path) -> None:
    known = {"minilm-l6", "bge-small", "house", *(base.name for base in FROM_SCRATCH)}
    assert set(base_models.catalogue()) == known
    assert base_models.catalogue()["bge-small"].revision == "5c38ec7"
    assert base_models.faults_of("house") == []
    (fault,) = base_models.faults_of("gpt-9")
    assert (fault.code, fault.param) == ("unknown_base_model", "model")
    assert fault.message.endswith(f"known: {', '.join(sorted(known))}.")


def test_a_base_is_for_what_its_entry_says_and_an_encoder_where_it_says_nothing(listed: Path) -> None:
    listed.write_text(json.dumps([{"name": "eyes", "location": "acme/eyes", "kinds": ["image-classification"]}]))
    assert base_models.faults_of("minilm-l6", kind="token-classification") == []
    assert base_models.faults_of("eyes", kind="image-classification") == []
    (fault,) = base_models.faults_of("eyes", kind="text-matching")
    assert (fault.code, fault.param) == ("wrong_base_for_task", "model")
    assert fault.message == ("The base model 'eyes' is not for text-matching. Of the catalogue these are: minilm-l6.")


def test_a_hub_id_is_left_to_the_engine_and_a_prefix_of_the_store_becomes_a_folder(
    listed: Path, migrated: None, tmp_path: Path
) -> None:
    for name in ("config.json", "model.safetensors"):
        blobs.put(f"bases/house/{name}", name.encode())
    found = base_models.catalogue()
    assert base_models.materialise(found["bge-small"]) == found["bge-small"]
    local = base_models.materialise(found["house"])
    assert local == BaseModel(name="house", location=str(tmp_path / "bases" / "house"))
    assert (Path(local.location) / "model.safetensors").read_bytes() == b"model.safetensors"
    blobs.delete_folder("bases/house/")
    assert base_models.materialise(found["house"]) == local, "it is fetched once"
