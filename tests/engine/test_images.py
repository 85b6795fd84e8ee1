"""Pictures and sounds: they are learnt, the published files answer as was reported, and what is broken is named."""

import json
import random
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForImageClassification, BertConfig

from contracts import manifest
from contracts.child import DONE, Event
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.task import AUDIO_CLASSIFICATION, IMAGE_CLASSIFICATION
from tests.engine import kinds, media, tiny
from tests.engine.asking import asked, reached
from tests.engine.engine import Outcome, child, refused, run
from tests.engine.kinds import Form
from tests.engine.test_resume import After, newest, resumed_input, weights
from training.engine.data import seeing
from training.engine.data.pictures import PictureView
from training.engine.loop import Interrupted

ONE = (IMAGE_CLASSIFICATION, "single-label")
SEVERAL = (IMAGE_CLASSIFICATION, "multi-label")
HEARD = (AUDIO_CLASSIFICATION, "single-label")


@pytest.fixture(scope="module")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> BaseModel:
    """A ViT."""
    return media.base(tmp_path_factory.mktemp("eyes"))


def spec(form: Form, base: BaseModel, **asked: Any) -> FineTuneSpec:
    return replace(kinds.spec(form, Path(), **{"n_epochs": 5, **asked}), base=base)


@pytest.fixture(scope="module")
def outcomes(eyes: BaseModel, tmp_path_factory: pytest.TempPathFactory) -> dict[Form, Outcome]:
    """A whole job of each form. For reading only."""
    found, bases = {}, {ONE: eyes, SEVERAL: media.SMALL["vision-small"], HEARD: media.SMALL["audio-small"]}
    for form, base in bases.items():
        place = tmp_path_factory.mktemp("job")
        data = kinds.version(place / "data", kinds.rows(form))
        found[form] = run(spec(form, base), data, place)
    return found


def asked_of(form: Form) -> list[dict[str, Any]]:
    return [row for row in kinds.rows(form) if row["split"] == "test"]


def logits(folder: Path, images: list[Image.Image]) -> torch.Tensor:
    """As a customer computes them with plain transformers."""
    processor = AutoImageProcessor.from_pretrained(folder)  # type: ignore[no-untyped-call]
    model = AutoModelForImageClassification.from_pretrained(folder).eval()
    with torch.no_grad():
        answers: torch.Tensor = model(**processor(images=images, return_tensors="pt")).logits
    return answers


def pictures(form: Form) -> list[Image.Image]:
    return [Image.open(BytesIO(row["image"]["bytes"])) for row in asked_of(form)]


@pytest.mark.parametrize("form", [ONE, SEVERAL, HEARD], ids=lambda form: "-".join(form))
def test_the_files_say_the_same_when_they_are_asked_again(outcomes: dict[Form, Outcome], form: Form) -> None:
    said = asked(outcomes[form], form)
    assert reached(said) == pytest.approx(outcomes[form].metrics["compared"]["model"])
    assert len(said.truth()) == len(said.answers()) == len(said.loss) == said.rows == 36


@pytest.mark.parametrize("form", [ONE, SEVERAL, HEARD], ids=lambda form: "-".join(form))
def test_a_job_ends_with_a_sealed_model_and_a_report_without_slices(outcomes: dict[Form, Outcome], form: Form) -> None:
    outcome = outcomes[form]
    assert manifest.verify(outcome.output).about["task"] == form[0]
    compared = outcome.metrics["compared"]
    assert compared["intervals"][0][0] <= compared["model"] <= compared["intervals"][0][1]
    assert compared["model"] > 0.9
    page = (outcome.output / "report.html").read_text()
    assert "Where it is weaker" not in page
    assert "max length" not in page
    assert outcome.metrics["slices"]["slices"] == []


def test_the_files_answer_as_was_reported(outcomes: dict[Form, Outcome]) -> None:
    answers = logits(outcomes[ONE].output, pictures(ONE)).argmax(1).tolist()
    known = json.loads((outcomes[ONE].output / "config.json").read_bytes())["id2label"]
    right = [known[str(answer)] == row["label"] for answer, row in zip(answers, asked_of(ONE), strict=True)]
    assert outcomes[ONE].done.summary["accuracy"] == pytest.approx(sum(right) / len(right))


def test_several_labels_are_each_decided_by_the_files(outcomes: dict[Form, Outcome]) -> None:
    given = logits(outcomes[SEVERAL].output, pictures(SEVERAL)) >= 0
    names = sorted(tiny.LABELS)
    answers = [[label for label, one in zip(names, row, strict=True) if one] for row in given.tolist()]
    right = [one == row["labels"] for one, row in zip(answers, asked_of(SEVERAL), strict=True)]
    assert outcomes[SEVERAL].done.summary["accuracy"] == pytest.approx(sum(right) / len(right))


def test_what_is_done_to_pictures_and_sounds_is_told(outcomes: dict[Form, Outcome]) -> None:
    told = {form: " ".join(one.message for one in outcome.said(Event)) for form, outcome in outcomes.items()}
    assert "brought to 16 by 16 pixels" in told[ONE]
    assert "mirrors it half of the time" in told[SEVERAL]
    assert "heard at 8,000 Hz for 0.2 s" in told[HEARD]


def test_a_broken_file_is_named_by_its_row_before_weights_load(eyes: BaseModel, tmp_path: Path) -> None:
    for form, role, base in ((ONE, "image", eyes), (HEARD, "audio", media.SMALL["audio-small"])):
        made = kinds.rows(form)
        made[2][role]["bytes"] = made[2][role]["bytes"][:40]
        data = kinds.version(tmp_path / role / "data", made)
        problem = refused(spec(form, base), data, tmp_path / role)
        assert (problem.code, problem.param) == (f"corrupt_{role}", role)
        assert "the first is row 3" in problem.message


def test_a_training_that_goes_on_ends_like_one_that_never_stopped(eyes: BaseModel, tmp_path: Path) -> None:
    """Though every epoch shows the pictures otherwise."""
    asked, data = spec(ONE, eyes, n_epochs=2), kinds.version(tmp_path / "data", kinds.rows(ONE))
    with pytest.raises(Interrupted):
        run(asked, data, tmp_path / "first", stop=After(10))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(asked, resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(run(asked, data, tmp_path / "whole"))


def test_pictures_that_do_not_fit_into_memory_are_decoded_again(
    eyes: BaseModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, data = spec(ONE, eyes, n_epochs=1), kinds.version(tmp_path / "data", kinds.rows(ONE))
    kept = run(asked, data, tmp_path / "kept")
    monkeypatch.setattr(seeing, "KEPT", 0)
    assert weights(run(asked, data, tmp_path / "again")) == weights(kept)


def test_a_residual_network_is_trained_with_the_norms_it_came_with(tmp_path: Path) -> None:
    base = media.base(tmp_path / "base", media.RESNET, size={"shortest_edge": 16})
    outcome = run(spec(ONE, base), kinds.version(tmp_path / "data", kinds.rows(ONE)), tmp_path)
    assert outcome.metrics["compared"]["model"] > 0.6
    published = AutoModelForImageClassification.from_pretrained(outcome.output)
    assert float(published.resnet.embedder.embedder.normalization.running_mean.abs().max()) == 0.0


def test_classes_can_be_weighted(eyes: BaseModel, tmp_path: Path) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(ONE))
    outcome = run(spec(ONE, eyes, n_epochs=1, class_weights={"fees": 5.0}), data, tmp_path)
    assert any("Classes are weighted" in one.message for one in outcome.said(Event))


def test_a_hub_id_is_loaded_at_its_pinned_revision(tmp_path: Path) -> None:
    """As the hub client lays it out on disk, without any network."""
    revision = "a" * 40
    media.base(tmp_path / "home/hub/models--acme--eyes/snapshots" / revision)
    asked = spec(ONE, BaseModel(name="eyes", location="acme/eyes", revision=revision), n_epochs=1)
    data = kinds.version(tmp_path / "data", kinds.rows(ONE))
    process = child(asked, data, tmp_path, HF_HOME=str(tmp_path / "home"))
    _, errors = process.communicate(timeout=120)
    assert process.returncode == DONE, errors.decode()
    published = json.loads((tmp_path / "output/preprocessor_config.json").read_bytes())
    assert (published["size"], published["image_mean"]) == ({"height": 16, "width": 16}, [0.4, 0.5, 0.6])


def faulty(place: Path, name: str) -> BaseModel:
    base = media.base(place)
    if name == "text":
        BertConfig().save_pretrained(place)
    elif name == "pickled":
        (place / "model.safetensors").rename(place / "pytorch_model.bin")
    elif name == "unprepared":
        (place / "preprocessor_config.json").unlink()
    elif name == "shape":
        return BaseModel(name="eyes", location="scratch:audio-small")
    return base


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("text", "wrong_base_for_task"), ("pickled", "unsafe_format"), ("unprepared", "wrong_base_for_task"),
        ("shape", "wrong_base_for_task"),
    ],
)  # fmt: skip
def test_a_base_that_cannot_be_used_is_refused_in_words(tmp_path: Path, name: str, code: str) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(ONE))
    problem = refused(spec(ONE, faulty(tmp_path / "base", name)), data, tmp_path)
    assert (problem.code, problem.param) == (code, "base")
    assert "'eyes'" in problem.message
    assert str(tmp_path) not in problem.message


def test_lengths_and_methods_of_texts_are_refused(eyes: BaseModel, tmp_path: Path) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(ONE))
    problem = refused(spec(ONE, eyes, max_length=64, method="upper_layers"), data, tmp_path)
    assert {fault.param for fault in problem.faults} == {"method", "hyperparameters.max_length"}


def test_a_sounds_base_is_the_small_one(eyes: BaseModel, tmp_path: Path) -> None:
    data = kinds.version(tmp_path / "data", kinds.rows(HEARD))
    assert refused(spec(HEARD, eyes), data, tmp_path).code == "wrong_base_for_task"


def test_what_an_epoch_shows_is_a_function_of_seed_epoch_and_row() -> None:
    content = media.picture([0], random.Random(0))
    view = PictureView(size=(16, 16), mean=(0.5,) * 3, std=(0.25,) * 3)
    first = view.see(content)
    rows = np.stack([first, first])
    once, again = (seeing.varied(rows, [3, 4], view, seed=1, epoch=2) for _ in range(2))
    assert (once == again).all()
    assert (once[0] != once[1]).any()
    assert (once != seeing.varied(rows, [3, 4], view, seed=1, epoch=3)).any()
    assert (once[1:] == seeing.varied(rows[1:], [4], view, seed=1, epoch=2)).all()
