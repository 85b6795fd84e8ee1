"""Base models: read from safetensors only, never from code beside them, and refused in words where they cannot be."""

import json
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch
from transformers import BartConfig, BertConfig, GPT2Config, LlamaConfig, PerceiverConfig, PretrainedConfig, T5Config

from contracts.fine_tune import BaseModel
from contracts.problems import Problem
from tests.engine import tiny
from tests.engine.engine import refused, run
from training.engine.model.base import inspect, load_tokenizer


def problem_with(location: Path | str, **more: Any) -> Problem:
    with pytest.raises(Problem) as caught:
        inspect(BaseModel(name="house-bert", location=str(location), **more))
    assert "'house-bert'" in caught.value.message, "by the catalogue's name"
    assert str(location) not in caught.value.message, "never by a path of ours"
    assert caught.value.param == "base"
    return caught.value


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A base that a test may spoil."""
    return tiny.base(tmp_path / "own")


def edit(file: Path, **values: Any) -> None:
    file.write_text(json.dumps({**json.loads(file.read_text()), **values}))


def test_a_folder_says_what_it_is_before_weights_load(own: Path) -> None:
    found = inspect(BaseModel(name="tiny", location=str(own)))
    assert (found.layers, found.width, found.positions, found.packable) == (2, 32, 64, True)


def test_pickled_weights_are_never_loaded(own: Path) -> None:
    (own / "model.safetensors").unlink()
    torch.save({}, own / "pytorch_model.bin")
    problem = problem_with(own)
    assert problem.code == "unsafe_format"
    assert "safetensors" in problem.message


@pytest.mark.parametrize("location", ["/no/such/folder", "nobody/has-this-model", "..", "not a hub id at all", ""])
def test_an_unknown_base_is_refused(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)  # else the client tries for 20 s
    with pytest.raises(Problem) as caught:
        inspect(BaseModel(name="house-bert", location=location, revision="0" * 40))
    assert caught.value.code == "unknown_base_model"


@pytest.mark.parametrize("config", [b"", b"{", b"[]", b'{"model_type": "no-such-type"}', b"\xff\xfe"])
def test_a_configuration_that_cannot_be_read_is_an_unknown_base(own: Path, config: bytes) -> None:
    (own / "config.json").write_bytes(config)
    assert problem_with(own).code == "unknown_base_model"


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(GPT2Config(pad_token_id=0), id="decoder"),
        pytest.param(LlamaConfig(pad_token_id=0), id="another-decoder"),
        pytest.param(BertConfig(is_decoder=True), id="bert-as-a-decoder"),
        pytest.param(BartConfig(), id="sequence-to-sequence"),
        pytest.param(T5Config(), id="another-sequence-to-sequence"),
        pytest.param(PerceiverConfig(), id="no-encoder-of-layers"),
    ],
)
def test_what_only_continues_texts_is_refused(own: Path, config: PretrainedConfig) -> None:
    config.save_pretrained(own)
    problem = problem_with(own)
    assert problem.code == "wrong_base_for_task"
    assert "which this kind of task needs" in problem.message


@pytest.mark.parametrize(("file", "code"), [("tokenizer.json", "unknown_base_model"), ("pad", "wrong_base_for_task")])
def test_a_base_without_a_usable_tokenizer_is_refused(own: Path, file: str, code: str) -> None:
    if file == "pad":
        edit(own / "tokenizer_config.json", pad_token=None)
    else:
        (own / file).unlink()
    with pytest.raises(Problem) as caught:
        load_tokenizer(inspect(BaseModel(name="house-bert", location=str(own))))
    assert caught.value.code == code


HOOKS = {
    "config.json": {"AutoConfig": "evil.Evil", "AutoModelForSequenceClassification": "evil.Evil"},
    "tokenizer_config.json": {"AutoTokenizer": ["evil.Evil", "evil.Evil"]},
}


@pytest.fixture
def hooked(own: Path) -> Path:
    """A base that asks for code of its own to be run, in every way there is."""
    for file, hooks in HOOKS.items():
        edit(own / file, auto_map=hooks, trust_remote_code=True)
    (own / "evil.py").write_text(f"open({str(own / 'ran')!r}, 'w').close()\nclass Evil: ...\n")
    return own


def test_code_beside_a_known_base_is_neither_run_nor_published(hooked: Path, data: Path, tmp_path: Path) -> None:
    output = run(tiny.spec(hooked, n_epochs=1), data, tmp_path / "run").output
    assert not (hooked / "ran").exists()
    assert not list(output.rglob("*.py"))
    assert "auto_map" not in "".join(path.read_text() for path in output.glob("*.json"))


@pytest.mark.parametrize("kind", ["evil", None])
def test_a_base_that_only_its_own_code_can_read_is_unknown(
    hooked: Path, data: Path, tmp_path: Path, kind: str | None
) -> None:
    edit(hooked / "config.json", model_type=kind)
    problem = refused(tiny.spec(hooked, n_epochs=1), data, tmp_path / "run")
    assert problem.code == "unknown_base_model"
    assert not (hooked / "ran").exists()


def test_the_trap_would_have_snapped(hooked: Path) -> None:
    """The control: whoever trusts the folder does run its code."""
    exec((hooked / "evil.py").read_text(), {})
    assert (hooked / "ran").exists()
