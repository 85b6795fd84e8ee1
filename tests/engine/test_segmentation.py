"""A class for every pixel: it is learnt, the published files answer as was reported, wrong masks are named."""

import io
import json
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime  # type: ignore[import-untyped]  # it ships none
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModelForSemanticSegmentation, SegformerConfig

from contracts import manifest
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.task import IMAGE_SEGMENTATION
from tests.engine import kinds, media
from tests.engine.engine import Outcome, refused, run
from tests.engine.test_report import FORBIDDEN, Read
from tests.training.ingest.child import ingest
from tests.training.ingest.media.test_media import zipped
from training.engine.data.masks import VOID, classes_of, read
from training.engine.data.reading import Rows
from training.engine.judging import colours, segments
from training.engine.model import segmenter

FORM = (IMAGE_SEGMENTATION, "masked")
SMALL = media.SMALL["segmenter-small"]
GREYS = ("0", "10", "20", "30")


def spec(base: BaseModel = SMALL, **asked: Any) -> FineTuneSpec:
    return replace(kinds.spec(FORM, Path(), **{"n_epochs": 5, **asked}), base=base)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.version(tmp_path_factory.mktemp("data"), kinds.rows(FORM))


@pytest.fixture(scope="module")
def outcome(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole job of the small model. For reading only."""
    return run(spec(), data, tmp_path_factory.mktemp("job"))


def asked() -> list[dict[str, Any]]:
    return [row for row in kinds.rows(FORM) if row["split"] == "test"]


def opened(content: bytes) -> Image.Image:
    return Image.open(BytesIO(content))


def test_a_job_ends_with_a_sealed_model_whose_classes_are_the_greys(outcome: Outcome) -> None:
    assert manifest.verify(outcome.output).about["task"] == IMAGE_SEGMENTATION
    assert tuple(json.loads((outcome.output / "task.json").read_bytes())["labels"]) == GREYS
    compared = outcome.metrics["compared"]
    assert compared["intervals"][0][0] <= compared["model"] <= compared["intervals"][0][1]
    assert compared["model"] > 0.6 > outcome.metrics["constant"]["mean_iou"]
    assert compared["name"] == "colours and places"
    assert set(outcome.metrics["model"]["classes"]) == set(GREYS)


def test_the_file_answers_with_classes_by_plain_onnxruntime(outcome: Outcome) -> None:
    said = json.loads((outcome.output / "preprocessor_config.json").read_bytes())
    session = onnxruntime.InferenceSession(outcome.output / "model.onnx")
    right = []
    for row in asked():
        picture, mask = opened(row["image"]["bytes"]), np.asarray(opened(row["mask"]["bytes"]))
        small = np.asarray(picture.resize((said["size"]["width"], said["size"]["height"]), 2), np.float32)
        pixels = (small * said["rescale_factor"] - said["image_mean"]) / said["image_std"]
        (answer,) = session.run(["classes"], {"pixel_values": pixels.transpose(2, 0, 1)[None].astype(np.float32)})
        right.append((np.asarray(Image.fromarray(answer[0]).resize(picture.size, 0)) == mask // 10).mean())
    assert outcome.done.summary["accuracy"] == pytest.approx(np.mean(right), abs=1e-3)


def test_the_report_shows_each_picture_as_it_is_and_as_the_model_says(outcome: Outcome) -> None:
    read = Read((outcome.output / "report.html").read_text())
    assert FORBIDDEN.isdisjoint(read.tags)
    assert read.tags.count("image") == 2 * 2 * 6, "picture and mask, true and found, of six"
    assert all(value.startswith("data:image/") for name, value in read.attributes if name == "href")


def test_a_base_of_transformers_is_trained_with_a_head_for_these_classes(tmp_path: Path) -> None:
    seven: dict[str, Any] = {"num_labels": 7}
    config = SegformerConfig(
        hidden_sizes=[8, 16, 24, 32], depths=[1] * 4, num_attention_heads=[1, 1, 1, 1], decoder_hidden_size=16, **seven
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        AutoModelForSemanticSegmentation.from_config(config).save_pretrained(  # type: ignore[no-untyped-call]
            tmp_path / "base"
        )
    said = {**media.PROCESSOR, "image_processor_type": "SegformerImageProcessor", "size": {"height": 32, "width": 32}}
    (tmp_path / "base/preprocessor_config.json").write_text(json.dumps(said))
    base = BaseModel(name="eyes", location=str(tmp_path / "base"), kinds=(IMAGE_SEGMENTATION,))
    few = kinds.version(tmp_path / "data", kinds.rows(FORM)[::3])
    outcome = run(spec(base, n_epochs=2), few, tmp_path)
    losses = [one["train_loss"] for one in outcome.metrics["history"]]
    assert losses[1] < losses[0]
    published = AutoModelForSemanticSegmentation.from_pretrained(outcome.output).eval()
    assert tuple(published.config.id2label.values()) == GREYS
    processor = AutoImageProcessor.from_pretrained(outcome.output)  # type: ignore[no-untyped-call]
    given = processor(images=opened(asked()[0]["image"]["bytes"]), return_tensors="pt")
    with torch.no_grad():
        (theirs,) = processor.post_process_semantic_segmentation(published(**given), target_sizes=[(32, 32)])
        (ours,) = segmenter.opened(outcome.output)(given["pixel_values"])
    assert (theirs == ours).all()


def as_png(values: Any, mode: str = "L") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(np.asarray(values, np.uint8)).convert(mode).save(stream, "PNG")
    return stream.getvalue()


MESS = np.random.default_rng(0).integers(0, 255, (36, 48, 3))
FAULTY = [
    (b"no picture", "train", "corrupt_mask", "the first is row 3"),
    (as_png(MESS, "RGB"), "train", "bad_mask", "is in colours"),
    (as_png(np.zeros((10, 10))), "train", "mask_size", "not as large as its picture"),
    (as_png(MESS[..., 0]), "train", "too_many_classes", "Save masks as PNG"),
    (as_png(np.full((36, 48), 99)), "test", "unknown_label", "has the grey 99"),
]


@pytest.mark.parametrize(("content", "split", "code", "words"), FAULTY, ids=[one[2] for one in FAULTY])
def test_masks_that_cannot_be_learnt_are_named(
    tmp_path: Path, content: bytes, split: str, code: str, words: str
) -> None:
    made = kinds.rows(FORM)
    place = 2 if split == "train" else len(made) - 1
    made[place] = {**made[place], "mask": {**made[place]["mask"], "bytes": content}}
    problem = refused(spec(), kinds.version(tmp_path / "data", made), tmp_path)
    assert (problem.code, problem.param, words in problem.message) == (code, "mask", True)


def test_an_archive_that_was_read_says_the_same_masks() -> None:
    """From pictures and masks in a ZIP, as a customer packs them, to what the engine learns."""
    folders = {"images": "image", "masks": "mask"}
    files = {
        f"{folder}/{at:02}.png": row[role]["bytes"]
        for folder, role in folders.items()
        for at, row in enumerate(asked())
    }
    outcome = ingest(zipped(files), "scenes.zip", task_kind=IMAGE_SEGMENTATION)
    rows = Rows(frame=outcome.frame.sort("row"))
    assert classes_of(rows) == GREYS
    for mask, row in zip(read(rows, GREYS), asked(), strict=True):
        assert (mask * 10 == np.asarray(opened(row["mask"]["bytes"]))).all()


def test_pixels_are_counted_as_in_the_book_and_borders_are_not() -> None:
    true = np.array([[0, 0, 1, VOID], [0, 1, 1, VOID]], np.uint8)
    said = np.array([[0, 1, 1, 1], [0, 1, 0, 0]], np.uint8)
    counts = segments.counted([true], [said], 3)
    assert counts[0].tolist() == [[2, 3, 3], [2, 3, 3], [0, 0, 0]]
    scores = segments.scores(counts)
    assert (scores.accuracy, scores.mean_iou) == pytest.approx((4 / 6, 0.5))
    assert [one.iou for one in scores.classes] == [0.5, 0.5, None]


def test_the_baseline_tells_colours_apart_and_its_constant_only_places() -> None:
    seen = np.zeros((16, 16, 3), np.uint8)
    seen[:, 8:] = 200
    mask = (seen[..., 0] > 0).astype(np.uint8)
    plain = colours.judge([(seen, mask)] * 3, [seen[:, ::-1]], classes=2)
    assert (plain.constant[0] == mask).all()
    assert (plain.best[0] == mask[:, ::-1]).mean() > (plain.constant[0] == mask[:, ::-1]).mean()


def test_a_class_that_keeps_to_one_side_forbids_mirrors() -> None:
    chance = np.random.default_rng(0)
    left, anywhere = list[Any](), list[Any]()
    for _ in range(60):
        for masks, most in ((left, 8), (anywhere, 30)):
            mask = np.zeros((4, 32), np.uint8)
            at = int(chance.integers(0, most))
            mask[:, at : at + 3] = 1
            masks.append(mask)
    assert colours.sided(left) > 4 > colours.sided(anywhere)
