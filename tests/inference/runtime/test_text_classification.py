"""A stock BERT with random weights: what we answer is what transformers answers, alone or in company."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from transformers import pipeline

from contracts.codec import to_json
from contracts.manifest import BrokenArtifact, read, seal
from contracts.prediction import Parameters, Ranked
from contracts.task import TEXT_CLASSIFICATION, TaskSpec
from inference.runtime.loading import loader
from inference.runtime.model import Model
from inference.runtime.settings import Settings
from tests.inference.runtime.house import LABELS, House, serving

TEXTS = [
    "my brake squeaks",
    "the engine stalls",
    "a flat tyre",
    "loud",
    "the brake is worn the tyre is flat my car stalls my bike is loud",
    "unheard-of words, 1234 & Ünïcödé 漢字 🙂",
    "my car is loud",
]


def loaded(folder: Path, tmp_path: Path, precision: str = "fp32") -> Model:
    load = loader(Settings(cache=tmp_path, precision=precision))
    return load(TEXT_CLASSIFICATION, folder, read(folder))


def logits(model: Model, texts: list[str]) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.stack(model.core(model.pre(texts)))


def answered(model: Model) -> list[Ranked]:
    items = model.pre(TEXTS)
    return [one for one in model.post(items, model.core(items), Parameters()) if isinstance(one, Ranked)]


def altered(tiny_bert: Path, folder: Path, name: str, **values: object) -> Path:
    shutil.copytree(tiny_bert, folder)
    path = folder / name
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))
    seal(folder, kind="model", about={})
    return folder


def test_scores_are_those_of_the_stock_pipeline(tiny_bert: Path, tmp_path: Path) -> None:
    model = loaded(tiny_bert, tmp_path)
    ours = answered(model)
    stock = pipeline("text-classification", model=str(tiny_bert), top_k=None, device="cpu")
    theirs: Any = stock(TEXTS)
    for found, expected in zip(ours, theirs, strict=True):
        assert [each.score for each in found.labels] == pytest.approx([each["score"] for each in expected], abs=1e-5)
        assert found.label == found.labels[0].label
        assert [each.label for each in found.labels] == [LABELS[int(each["label"][-1])] for each in expected]


def test_an_input_answers_alone_as_in_a_mixed_batch(tiny_bert: Path, tmp_path: Path) -> None:
    model = loaded(tiny_bert, tmp_path)
    alone = np.concatenate([logits(model, [text]) for text in TEXTS])
    np.testing.assert_allclose(logits(model, TEXTS), alone, atol=1e-4)
    assert np.ptp(alone, axis=0).max() > 0.1  # the texts do differ


def test_bf16_answers_nearly_as_fp32_does(tiny_bert: Path, tmp_path: Path) -> None:
    exact, rough = loaded(tiny_bert, tmp_path), loaded(tiny_bert, tmp_path, "bf16")
    moved = np.abs(_chances(exact) - _chances(rough))
    assert 0 < moved.max() < 0.05  # 0.02 with these wild random weights; an ordinary setting must not be so far off


def _chances(model: Model) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    rows = answered(model)
    scores = [{each.label: each.score for each in row.labels} for row in rows]
    return np.array([[score[label] for label in LABELS] for score in scores], dtype=np.float32)


def test_concurrent_requests_over_http_agree_with_single_ones(tiny_bert: Path, tmp_path: Path) -> None:
    house = House()
    house.release(tiny_bert)
    with serving(house, Settings(cache=tmp_path, micro_tokens=24)) as client, ThreadPoolExecutor(8) as threads:

        def scores(text: str) -> dict[str, float]:
            response: httpx.Response = client.post("/hf/parts", json={"inputs": text})
            return {each["label"]: each["score"] for each in response.json()[0]}

        alone = [scores(text) for text in TEXTS]
        for together, single in zip(threads.map(scores, TEXTS * 8), alone * 8, strict=True):
            assert together == pytest.approx(single, abs=1e-4)


def test_length_is_counted_in_tokens_with_the_special_ones(tiny_bert: Path, tmp_path: Path) -> None:
    model = loaded(tiny_bert, tmp_path)
    assert model.max_tokens == 32
    assert [item.tokens for item in model.pre(["loud", "car " * 30, "car " * 31])] == [3, 32, 33]
    assert np.isfinite(logits(model, ["car " * 30])).all()


def test_its_size_is_that_of_its_weights(tiny_bert: Path, tmp_path: Path) -> None:
    weights = (tiny_bert / "model.safetensors").stat().st_size
    assert weights * 0.5 < loaded(tiny_bert, tmp_path).bytes < weights * 1.1


def test_labels_that_do_not_fit_the_head_are_a_broken_artifact(tiny_bert: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "odd")
    (tmp_path / "odd" / "task.json").write_bytes(to_json(TaskSpec(kind=TEXT_CLASSIFICATION, labels=("one", "two"))))
    with pytest.raises(BrokenArtifact, match="3 outputs, the task asks for 2"):
        loaded(tmp_path / "odd", tmp_path)


def test_code_that_an_artifact_names_is_never_run(tiny_bert: Path, tmp_path: Path) -> None:
    evil = altered(tiny_bert, tmp_path / "evil", "config.json", auto_map={
        "AutoConfig": "evil.Config", "AutoModelForSequenceClassification": "evil.Model",
    })  # fmt: skip
    (evil / "evil.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n")
    loaded(evil, tmp_path)
    assert not (tmp_path / "ran").exists()


def test_weights_in_a_pickle_are_not_read(tiny_bert: Path, tmp_path: Path) -> None:
    shutil.copytree(tiny_bert, tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").rename(tmp_path / "pickled" / "pytorch_model.bin")
    with pytest.raises(OSError, match="safetensors"):
        loaded(tmp_path / "pickled", tmp_path)


def test_a_kind_nobody_serves_is_a_broken_artifact(tiny_bert: Path, tmp_path: Path) -> None:
    with pytest.raises(BrokenArtifact, match="not juggling"):
        loader(Settings(cache=tmp_path))("juggling", tiny_bert, read(tiny_bert))
