"""A base by its hub id, as the hub client lays it out on disk: loaded pinned to its revision, without any network."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.child import DONE, PROBLEM, ProblemMessage
from contracts.fine_tune import BaseModel
from tests.engine import tiny
from tests.engine.engine import child, spoken

PINNED, NEWEST = "a" * 40, "b" * 40


@pytest.fixture(scope="module")
def home(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """HF_HOME with two revisions of acme/tiny, of which `main` is the newer and cannot be used: it has no weights."""
    home = tmp_path_factory.mktemp("home")
    repository = home / "hub/models--acme--tiny"
    for revision in (PINNED, NEWEST):
        shutil.copytree(base, repository / "snapshots" / revision)
    (repository / "snapshots" / NEWEST / "model.safetensors").unlink()
    (repository / "refs").mkdir()
    (repository / "refs/main").write_text(NEWEST)
    return home


def fine_tuned(home: Path, data: Path, place: Path, revision: str | None) -> tuple[int, bytes, str]:
    """Exit code, what was said, what went to standard error."""
    spec = tiny.spec(Path("acme/tiny"), n_epochs=1)
    base = BaseModel(name="acme-tiny", location="acme/tiny", revision=revision)
    process = child(replace(spec, base=base), data, place, HF_HOME=str(home))
    said, errors = process.communicate(timeout=120)
    return process.returncode, said, errors.decode()


def test_a_hub_id_is_loaded_at_its_pinned_revision(home: Path, data: Path, tmp_path: Path) -> None:
    code, _, errors = fine_tuned(home, data, tmp_path, PINNED)
    assert code == DONE, errors
    config = json.loads((tmp_path / "output/config.json").read_bytes())
    assert config["model_type"] == "bert"
    assert str(home) not in json.dumps(config)


def test_the_newest_revision_is_another_one(home: Path, data: Path, tmp_path: Path) -> None:
    """The control, and a child's way to refuse: the same id without a pin finds no safetensors."""
    code, said, errors = fine_tuned(home, data, tmp_path, None)
    assert code == PROBLEM, errors
    last = spoken(said)[-1]
    assert isinstance(last, ProblemMessage)
    assert (last.code, last.faults[0].param) == ("unsafe_format", "base")
    assert not (tmp_path / "output").exists()
