"""Boxes around things: they are found, the published files answer as was reported, what cannot be learnt is named."""

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
from transformers import (
    AutoImageProcessor,
    AutoModelForObjectDetection,
    DetrConfig,
    PretrainedConfig,
    ResNetConfig,
    RTDetrConfig,
    RTDetrResNetConfig,
    YolosConfig,
)

from contracts import manifest
from contracts.child import Event
from contracts.fine_tune import BaseModel, FineTuneSpec
from contracts.task import OBJECT_DETECTION
from tests.engine import kinds, media, tiny
from tests.engine.engine import Outcome, refused, run
from tests.engine.test_report import FORBIDDEN, Read
from tests.engine.test_resume import After, newest, resumed_input, weights
from tests.training.ingest.child import ingest
from tests.training.ingest.media.test_media import zipped
from training.engine.data.boxes import Boxes, of_answers, read
from training.engine.data.reading import Rows
from training.engine.judging import average_precision, detections
from training.engine.loop import Interrupted
from training.engine.model.queries import inspect, load, opened

FORM = (OBJECT_DETECTION, "boxed")
SMALL = media.SMALL["detector-small"]
LABELS = tuple(sorted(tiny.LABELS))


def spec(base: BaseModel = SMALL, **asked: Any) -> FineTuneSpec:
    return replace(kinds.spec(FORM, Path(), **{"n_epochs": 5, **asked}), base=base)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return kinds.version(tmp_path_factory.mktemp("data"), kinds.rows(FORM))


@pytest.fixture(scope="module")
def outcome(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """A whole job of the small detector. For reading only."""
    return run(spec(), data, tmp_path_factory.mktemp("job"))


def asked() -> list[dict[str, Any]]:
    return [row for row in kinds.rows(FORM) if row["split"] == "test"]


def truth() -> list[Boxes]:
    found = []
    for row in asked():
        sides = [row["image"]["width"], row["image"]["height"]] * 2
        corners = np.array([[box[name] for name in media.CORNERS] for box in row["boxes"]], np.float32).reshape(-1, 4)
        known = np.array([LABELS.index(box["label"]) for box in row["boxes"]], np.int64)
        found.append(Boxes(classes=known, corners=(corners / sides).astype(np.float32)))
    return found


def figures(answers: Any) -> dict[str, float]:
    """Of the test split, from [N, boxes, 6] class, confidence, corners in shares."""
    matches = average_precision.matched(truth(), [of_answers(one) for one in answers], len(LABELS))
    return detections.scores(matches).values()


def test_a_job_ends_with_a_sealed_model_that_finds_things(outcome: Outcome) -> None:
    assert manifest.verify(outcome.output).about["task"] == OBJECT_DETECTION
    compared = outcome.metrics["compared"]
    assert compared["intervals"][0][0] <= compared["model"] <= compared["intervals"][0][1]
    assert compared["model"] > 3 * compared["baseline"] > 0
    assert outcome.metrics["model"]["map_50"] > 0.5
    told = " ".join(one.message for one in outcome.said(Event))
    assert "brought to 64 by 64 pixels" in told
    assert "windows on them" in told


def test_the_file_answers_with_boxes_by_plain_onnxruntime(outcome: Outcome) -> None:
    said = json.loads((outcome.output / "preprocessor_config.json").read_bytes())
    session = onnxruntime.InferenceSession(outcome.output / "model.onnx")
    answers = []
    for row in asked():
        picture = Image.open(BytesIO(row["image"]["bytes"])).resize((said["size"]["width"], said["size"]["height"]), 2)
        pixels = (np.asarray(picture, np.float32) * said["rescale_factor"] - said["image_mean"]) / said["image_std"]
        given = pixels.transpose(2, 0, 1)[None].astype(np.float32)
        answers.append(session.run(["boxes"], {"pixel_values": given})[0][0])
    for name, value in figures(answers).items():
        assert outcome.done.summary[name] == pytest.approx(value, abs=1e-3)


def test_the_threshold_is_published_and_is_the_one_reported(outcome: Outcome) -> None:
    options = json.loads((outcome.output / "task.json").read_bytes())["options"]
    assert options["threshold"] == outcome.metrics["threshold"] == outcome.done.summary["threshold"]
    assert outcome.metrics["model"]["f1"] > 0.4


def test_the_report_shows_pictures_with_boxes_and_loads_nothing(outcome: Outcome) -> None:
    html = (outcome.output / "report.html").read_text()
    read = Read(html)
    assert FORBIDDEN.isdisjoint(read.tags)
    assert read.tags.count("image") == 6
    assert {value for name, value in read.attributes if name == "class"} >= {"true", "found"}
    assert all(value.startswith("data:image/jpeg;base64,") for name, value in read.attributes if name == "href")
    assert "row 145: " in html or "row 180: " in html or "true, " in html


def test_a_training_that_goes_on_ends_like_one_that_never_stopped(outcome: Outcome, data: Path, tmp_path: Path) -> None:
    with pytest.raises(Interrupted):
        run(spec(), data, tmp_path / "first", stop=After(31))
    again = resumed_input(data, tmp_path / "input", tmp_path / "first/work")
    second = run(replace(spec(), resume=newest(again)), again, tmp_path / "second")
    assert weights(second) == weights(outcome)


SEVEN: dict[str, Any] = {"num_labels": 7}
LAST: dict[str, Any] = {"out_features": ["stage2"]}
LATER: dict[str, Any] = {"out_features": ["stage2", "stage3", "stage4"]}
YOLOS = YolosConfig(
    image_size=[32, 32], patch_size=8, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
    num_detection_tokens=8, **SEVEN,
)  # fmt: skip
EYES = ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic", **LAST)
DETR = DetrConfig(
    backbone_config=EYES, d_model=32, encoder_layers=1, decoder_layers=1, encoder_attention_heads=4,
    decoder_attention_heads=4, encoder_ffn_dim=32, decoder_ffn_dim=32, num_queries=8, **SEVEN,
)  # fmt: skip
RT_DETR = RTDetrConfig(
    backbone_config=RTDetrResNetConfig(
        embedding_size=8, hidden_sizes=[8, 16, 24, 32], depths=[1, 1, 1, 1], layer_type="basic",
        **LATER,
    ),
    encoder_in_channels=[16, 24, 32], encoder_hidden_dim=32, d_model=32, encoder_ffn_dim=32, decoder_ffn_dim=32,
    encoder_attention_heads=4, decoder_attention_heads=4, decoder_layers=1, num_queries=10,
    decoder_in_channels=[32] * 3, **SEVEN,
)  # fmt: skip


def hub(folder: Path, config: PretrainedConfig) -> BaseModel:
    """A folder as a hub has it, of a detector that knew other classes."""
    with torch.random.fork_rng():
        torch.manual_seed(0)
        AutoModelForObjectDetection.from_config(config).save_pretrained(folder)  # type: ignore[no-untyped-call]
    said = {**media.PROCESSOR, "image_processor_type": "YolosImageProcessor", "size": {"height": 32, "width": 32}}
    (folder / "preprocessor_config.json").write_text(json.dumps(said))
    return BaseModel(name="eyes", location=str(folder), kinds=(OBJECT_DETECTION,))


@pytest.mark.parametrize("config", [YOLOS, RT_DETR], ids=lambda one: one.model_type)
def test_detectors_of_transformers_are_trained_and_published_as_it_loads_them(
    tmp_path: Path, config: PretrainedConfig
) -> None:
    few = kinds.rows(FORM)[::3]
    base = hub(tmp_path / "base", config)
    outcome = run(spec(base, n_epochs=4, learning_rate=3e-3), kinds.version(tmp_path / "data", few), tmp_path)
    losses = [one["train_loss"] for one in outcome.metrics["history"]]
    assert min(losses) < losses[0]
    processor = AutoImageProcessor.from_pretrained(outcome.output)  # type: ignore[no-untyped-call]
    model = AutoModelForObjectDetection.from_pretrained(outcome.output).eval()
    assert tuple(model.config.id2label.values()) == LABELS
    pictures = [Image.open(BytesIO(row["image"]["bytes"])) for row in few if row["split"] == "test"]
    given = processor(images=pictures, return_tensors="pt")
    with torch.no_grad():
        theirs = processor.post_process_object_detection(model(**given), threshold=0.0)
        ours = opened(outcome.output)(given["pixel_values"]).numpy()
    for one, answers in zip(theirs, ours, strict=True):
        surest = of_answers(answers).of(np.arange(1))
        at = int(one["scores"].argmax())
        assert surest.confidence[0] == pytest.approx(float(one["scores"][at]), abs=1e-5)
        assert surest.boxes.classes[0] == int(one["labels"][at])
        assert surest.boxes.corners[0] == pytest.approx(one["boxes"][at].clamp(0, 1).numpy(), abs=1e-5)


def test_the_way_to_boxes_is_kept_and_classes_start_anew_where_they_are_others(tmp_path: Path) -> None:
    before = AutoModelForObjectDetection.from_pretrained(hub(tmp_path, DETR).location)
    after: Any = load(inspect(hub(tmp_path, DETR)), LABELS).model
    kept, fresh = before.bbox_predictor.state_dict(), after.class_labels_classifier.weight
    assert all(torch.equal(one, kept[name]) for name, one in after.bbox_predictor.state_dict().items())
    assert fresh.shape[0] == len(LABELS) + 1


def test_a_base_that_finds_no_boxes_is_refused_in_words(data: Path, tmp_path: Path) -> None:
    unprepared = hub(tmp_path / "unprepared", YOLOS)
    (tmp_path / "unprepared/preprocessor_config.json").unlink()
    for base in (media.base(tmp_path / "base"), media.SMALL["vision-small"], unprepared):
        problem = refused(spec(base), data, tmp_path)
        assert (problem.code, problem.param) == ("wrong_base_for_task", "base")


FAULTY: list[tuple[list[dict[str, Any]] | None, str, str]] = [
    ([{"label": "taxes", "xmin": 0.0, "ymin": 0.0, "xmax": 9.0, "ymax": 9.0}], "unknown_label", "'taxes'"),
    (None, "missing_value", "have no boxes, the first is row 3"),
]


@pytest.mark.parametrize(("boxes", "code", "words"), FAULTY, ids=[one[1] for one in FAULTY])
def test_boxes_that_cannot_be_learnt_are_named_by_their_row(
    tmp_path: Path, boxes: list[dict[str, Any]] | None, code: str, words: str
) -> None:
    made = kinds.rows(FORM)
    made[2] = {**made[2], "boxes": boxes}
    problem = refused(spec(), kinds.version(tmp_path / "data", made), tmp_path)
    assert (problem.code, words in problem.message) == (code, True)


def test_a_split_without_any_box_and_numbers_of_other_kinds_are_refused_at_once(tmp_path: Path) -> None:
    made = [row if row["split"] == "train" else {**row, "boxes": []} for row in kinds.rows(FORM)]
    problem = refused(spec(label_smoothing=0.1), kinds.version(tmp_path / "data", made), tmp_path)
    assert [fault.code for fault in problem.faults] == ["not_for_this_form", "nothing_to_find", "nothing_to_find"]


def test_an_archive_that_was_read_says_the_same_boxes(tmp_path: Path) -> None:
    """From a list in a ZIP, as a customer packs it, to what the engine learns."""
    files, lines = dict[str, bytes | str](), list[str]()
    for at, row in enumerate(asked()):
        files[f"{at:02}.png"] = row["image"]["bytes"]
        said = [[box["label"], *(box[name] for name in media.CORNERS)] for box in row["boxes"]]
        lines.append(json.dumps({"file": f"{at:02}.png", "boxes": said}))
    outcome = ingest(zipped({**files, "list.jsonl": "\n".join(lines)}), "scenes.zip", task_kind=OBJECT_DETECTION)
    for one, wanted in zip(read(Rows(frame=outcome.frame.sort("row")), LABELS), truth(), strict=True):
        assert one.classes.tolist() == wanted.classes.tolist()
        assert one.corners == pytest.approx(wanted.corners)


def test_a_broken_picture_is_named_by_its_row(tmp_path: Path) -> None:
    made = kinds.rows(FORM)
    made[2]["image"]["bytes"] = made[2]["image"]["bytes"][:60]
    problem = refused(spec(), kinds.version(tmp_path / "data", made), tmp_path)
    assert problem.code == "corrupt_image"
    assert "the first is row 3" in problem.message
