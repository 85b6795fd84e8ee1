"""Archives of pictures and sounds: every layout, every kind of damage, and what the doctor remarks on."""

import io
import json
import struct
import wave
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import pytest
from PIL import Image

from contracts.cleaning import Step
from contracts.ingestion import IngestionSpec, Limits
from tests.training.ingest.child import Outcome, csv_of, ingest, run

Size = tuple[int, int]


def picture(number: int, *, size: Size = (32, 24), mode: str = "RGB", form: str = "PNG", **options: object) -> bytes:
    """Noise of a seed: no two look alike."""
    pixels = np.random.default_rng(number).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    image = Image.fromarray(pixels).convert(mode) if mode != "I;16" else Image.new("I;16", size, number)
    stream = io.BytesIO()
    image.save(stream, form, **options)
    return stream.getvalue()


def sound(number: int, *, rate: int = 8_000, seconds: float = 0.1, level: float = 0.3) -> bytes:
    samples = np.random.default_rng(number).uniform(-level, level, int(rate * seconds))
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((samples * 32_767).astype("<i2").tobytes())
    return stream.getvalue()


def zipped(files: Mapping[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


def folders(count: int = 40, change: Mapping[int, bytes] | None = None, **options: object) -> dict[str, bytes]:
    return {
        f"set/{('cat', 'dog')[n % 2]}/{n:03}.png": (change or {}).get(n, picture(n, **options))  # type: ignore[arg-type]
        for n in range(count)
    }


def classified(files: Mapping[str, bytes | str], limits: Limits | None = None) -> Outcome:
    return ingest(zipped(files), "pictures.zip", task_kind="image-classification", limits=limits)


def test_a_folder_a_class_becomes_rows_with_the_files_as_they_came() -> None:
    files = folders()
    outcome = classified({**files, "__MACOSX/._000.png": b"x", "set/.DS_Store": b"x"})
    assert (outcome.told.format, outcome.told.form) == ("media", "single-label")
    assert set(outcome.told.labels) == {"cat", "dog"}
    stored = outcome.frame["image"].struct.unnest()
    assert dict(zip(stored["path"], stored["bytes"], strict=True)) == files
    assert set(zip(stored["width"], stored["height"], stored["mode"], strict=True)) == {(32, 24, "RGB")}
    assert "Read 40 rows of media" in " ".join(event.message for event in outcome.events)


def test_folders_of_splits_are_followed() -> None:
    parts = {"train": range(20), "val": range(20, 26), "test": range(26, 40)}
    files = {f"{part}/{('cat', 'dog')[n % 2]}/{n}.png": picture(n) for part, numbers in parts.items() for n in numbers}
    assert classified(files).told.rows == {"train": 20, "validation": 6, "test": 14, "total": 40}


@pytest.mark.parametrize("name", ["labels.csv", "data/list.jsonl"])
def test_a_list_names_the_files_by_any_end_of_their_path_that_is_unique(name: str) -> None:
    files = {f"data/images/{n}.png": picture(n) for n in range(20)}
    rows = [(f"images/{n}.png" if n % 2 else f"{n}.png", "ab"[n % 2]) for n in range(20)]
    content = csv_of(rows, header=("file_name", "label"))
    if name.endswith("jsonl"):
        content = "".join(json.dumps({"file": file, "label": label}) + "\n" for file, label in rows)
    outcome = classified({**files, name: content})
    assert outcome.frame["label"].to_list() == [label for _, label in rows]


def test_files_that_a_list_names_and_the_archive_lacks_are_told_by_row() -> None:
    files = {f"{n}.png": picture(n) for n in range(20)}
    content = csv_of([(f"{n}.png", "ab"[n % 2]) for n in range(22)], header=("file", "label"))
    fault = classified({**files, "list.csv": content}).faults["missing_media"]
    assert fault.message.startswith("Rows 21 and 22:")


def voc(name: str, box: tuple[float, float, float, float]) -> str:
    corners = "".join(
        f"<{tag}>{value}</{tag}>" for tag, value in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
    )
    thing = f"<object><name>cell</name><bndbox>{corners}</bndbox></object>"
    return f"<annotation><filename>{name}</filename>{thing}</annotation>"


BOX = (1.0, 2.0, 11.0, 12.0)


def coco(boxes: list[list[float]], **changed: object) -> str:
    document = {
        "images": [{"id": n, "file_name": f"{n}.png"} for n in range(20)],
        "categories": [{"id": 7, "name": "cell"}],
        "annotations": [{"image_id": n, "category_id": 7, "bbox": box} for n, box in enumerate(boxes)],
    }
    return json.dumps({**document, **changed})


PICTURES = {f"{n}.png": picture(n) for n in range(20)}


def detected(files: Mapping[str, bytes | str]) -> Outcome:
    return ingest(zipped({**PICTURES, **files}), "boxes.zip", task_kind="object-detection")


@pytest.mark.parametrize(
    "annotations",
    [
        {"instances.json": coco([[1, 2, 10, 10]] * 20)},
        {f"annotations/{n}.xml": voc(f"{n}.png", BOX) for n in range(20)},
        {"list.jsonl": "".join(json.dumps({"file": f"{n}.png", "boxes": [["cell", *BOX]]}) + "\n" for n in range(20))},
    ],
    ids=["coco", "voc", "list"],
)
def test_boxes_are_the_same_however_they_are_written(annotations: Mapping[str, str]) -> None:
    outcome = detected(annotations)
    corners = dict(zip(("xmin", "ymin", "xmax", "ymax"), BOX, strict=True))
    assert outcome.frame["boxes"].to_list() == [[{"label": "cell", **corners}]] * 20
    assert sum(outcome.told.labels["cell"].values()) == 20


def test_boxes_that_are_none_are_remarked_on_by_picture() -> None:
    boxes: list[list[float]] = [[1, 2, 10, 10]] * 20
    boxes[3], boxes[5] = [4, 4, 0, 9], [20, 20, 30, 2]
    findings = detected({"instances.json": coco(boxes)}).findings
    numbered = {code: findings[code].count for code in ("degenerate_box", "box_outside")}
    assert numbered == {"degenerate_box": 1, "box_outside": 1}


@pytest.mark.parametrize(
    "annotations",
    [
        {"instances.json": coco([[1, 2, 3]] * 20)},
        {"instances.json": coco([[1, 2, 3, 4]], categories=[])},
        {"0.xml": "<annotation><filename>0.png</filename><object/></annotation>"},
        {"0.xml": "<annotation>"},
        {"0.xml": '<!DOCTYPE a [<!ENTITY x "y">]><annotation><filename>&x;</filename></annotation>'},
    ],
)
def test_annotations_that_cannot_be_read_are_named(annotations: Mapping[str, str]) -> None:
    fault = detected(annotations).faults["bad_annotations"]
    assert next(iter(annotations)) in fault.message


def test_pictures_and_masks_of_the_same_name_are_pairs() -> None:
    files = {
        f"{side}/{n}.png": picture(n + at * 100, mode="L")
        for at, side in enumerate(("images", "masks"))
        for n in range(20)
    }
    outcome = ingest(zipped(files), "masks.zip", task_kind="image-segmentation")
    assert outcome.told.form == "masked"
    assert [row["path"] for row in outcome.frame["mask"]][:2] == ["masks/0.png", "masks/1.png"]


def bomb() -> bytes:
    """A header that promises thirty thousand pixels a side."""
    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 0, 0, 0, 0)
    whole = bytearray(picture(1))
    whole[16:29] = header
    return bytes(whole[:29]) + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + bytes(whole[33:])


def moving() -> bytes:
    frames = [Image.new("RGB", (32, 24), (n * 40, 0, 0)) for n in range(4)]
    stream = io.BytesIO()
    frames[0].save(stream, "WEBP", save_all=True, append_images=frames[1:])
    return stream.getvalue()


BROKEN: dict[str, Callable[[], bytes]] = {
    "too_many_pixels": bomb,
    "corrupt_image": lambda: picture(1)[:300],
    "unsupported_image": lambda: b"no picture at all",
    "extreme_aspect": lambda: picture(1, size=(1, 600)),
    "too_many_frames": moving,
}


@pytest.mark.parametrize("code", BROKEN)
def test_one_broken_picture_costs_its_row_and_is_told(code: str) -> None:
    outcome = classified(folders(change={6: BROKEN[code]()}))
    finding = outcome.findings[code]
    assert (finding.count, finding.severity) == (1, "error")
    assert outcome.frame.height == 39


def test_a_picture_in_another_format_is_told_too() -> None:
    outcome = classified(folders(change={6: picture(6, form="GIF"), 8: picture(8, form="BMP")}))
    assert outcome.findings["unsupported_image"].count == 2


def test_where_most_pictures_are_broken_the_set_is_refused() -> None:
    fault = classified(folders(change=dict.fromkeys(range(30), b"no picture"))).faults["unsupported_image"]
    assert fault.message.startswith("30 of 40 files cannot be used.")


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "RGBA", "I;16"])
def test_every_usual_mode_is_read_and_told(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    changed = {n: picture(n, mode=mode, form=form) for n in range(0, 40, 5)}
    outcome = classified(folders(change=changed))
    assert outcome.findings["image_modes"].count == len(changed)


def test_a_picture_saved_again_looks_almost_like_another() -> None:
    smooth = Image.radial_gradient("L").resize((64, 48)).convert("RGB")
    first, again = io.BytesIO(), io.BytesIO()
    smooth.save(first, "PNG")
    smooth.resize((60, 45)).save(again, "JPEG", quality=80)
    outcome = classified(folders(change={4: first.getvalue(), 9: again.getvalue()}))
    assert outcome.findings["near_duplicate_image"].count == 1


def test_a_size_that_tells_the_class_is_a_shortcut() -> None:
    changed = {n: picture(n, size=(32, 24) if n % 2 else (48, 48)) for n in range(40)}
    finding = classified(folders(change=changed)).findings["shortcut"]
    assert "The size of a picture alone tells its class in 100% of the rows" in finding.message
    assert "shortcut" not in classified(folders()).findings


def test_equal_pictures_under_two_classes_conflict() -> None:
    outcome = classified(folders(change={7: picture(4)}))
    assert outcome.findings["conflicting_labels"].count == 2


def test_files_too_large_for_the_plan_are_refused_by_name() -> None:
    fault = classified(folders(), limits=Limits(media_file_bytes=500)).faults["media_too_large"]
    assert ".png' has" in fault.message


def test_names_that_lead_out_of_the_archive_are_refused() -> None:
    assert "unsafe_path" in classified({**folders(), "../evil.png": picture(1)}).faults


@pytest.mark.parametrize("files", [{"a.txt": "x"}, {"cat.png": picture(1)}, {"train/1.png": picture(1)}])
def test_an_archive_without_classes_says_what_is_missing(files: Mapping[str, bytes | str]) -> None:
    assert set(classified(files).faults) <= {"empty_dataset", "unclear_layout"}


def sounds(change: Mapping[int, bytes] | None = None) -> Outcome:
    files = {f"{('yes', 'no')[n % 2]}/{n}.wav": (change or {}).get(n, sound(n)) for n in range(40)}
    return ingest(zipped(files), "sounds.zip", task_kind="audio-classification")


def test_sounds_are_measured_and_kept() -> None:
    stored = sounds().frame["audio"].struct.unnest()
    assert set(zip(stored["rate"], stored["channels"], stored["seconds"].round(3), strict=True)) == {(8_000, 1, 0.1)}


NOISES: dict[str, tuple[bytes, str]] = {
    "silence": (sound(1, level=0.0), "warning"),
    "sample_rates": (sound(1, rate=16_000), "warning"),
    "corrupt_audio": (sound(1)[:-200], "error"),
    "no_samples": (sound(1, seconds=0.0), "error"),
    "unsupported_audio": (b"RIFF nothing", "error"),
}


@pytest.mark.parametrize("code", NOISES)
def test_what_is_wrong_with_a_sound_is_told(code: str) -> None:
    content, severity = NOISES[code]
    finding = sounds({6: content}).findings[code]
    assert (finding.count, finding.severity) == (1, severity)


def test_a_clipped_sound_is_told() -> None:
    stream = io.BytesIO()
    with wave.open(stream, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8_000)
        file.writeframes(np.full(800, 32_767, dtype="<i2").tobytes())
    assert sounds({6: stream.getvalue()}).findings["clipping"].count == 1


def test_a_version_of_pictures_can_be_derived_and_keeps_their_bytes() -> None:
    outcome = classified(folders())
    content = io.BytesIO()
    outcome.frame.write_parquet(content)
    spec = IngestionSpec(
        source="upload", filename="pictures.zip", task_kind="image-classification", form="single-label", parent="dsv_1",
        format="media", columns={"image": "file", "label": "label"}, steps=(Step(name="drop_rows", rows=(1, 2)),),
    )  # fmt: skip
    with TemporaryDirectory() as folder:
        derived = run(spec, content.getvalue(), Path(folder))
    kept = outcome.frame.filter(pl.col("row") > 2)
    assert derived.frame.select("row", "image", "label").equals(kept.select("row", "image", "label"))
    assert derived.told.sha256 != outcome.told.sha256
