"""Bases for pictures: those that transformers has a classifying head for, and small ones that start at random.

A small one is a residual network of BiT's kind (Kolesnikov et al. 2020, arXiv:1912.11370): its group norms depend on no
other row of a batch, so that what is trained is what is published. It takes pictures of any size, spectra among them.
"""

from typing import Any

from transformers import AutoModelForImageClassification, BitConfig, PretrainedConfig, PreTrainedModel
from transformers.image_processing_base import ImageProcessingMixin
from transformers.models.auto.modeling_auto import MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.data.pictures import PictureView
from training.engine.model.base import Base, labelled, load_model, of_pictures, read_config

HEAD = AutoModelForImageClassification
PICTURES, SOUNDS = "vision-small", "audio-small"  # shapes
SMALL = {"embedding_size": 32, "hidden_sizes": [64, 128, 256], "depths": [1, 1, 1], "num_groups": 8}
SHAPES: dict[str, dict[str, Any]] = {
    PICTURES: {**SMALL, "num_channels": 3},
    SOUNDS: {**SMALL, "num_channels": 1},
}
SMALL_VIEW = PictureView(size=(64, 64), mean=(0.5, 0.5, 0.5), std=(0.25, 0.25, 0.25))


def inspect_pictures(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    base = _described(spec, PICTURES)
    if base.config.num_channels not in (1, 3):
        raise _wrong(spec, "no reader of pictures in RGB or grey")
    view_of(base)
    return base


def inspect_sounds(spec: BaseModel) -> Base:
    """Only a small one that starts at random: bases for sounds differ in how they hear."""
    if spec.shape is None:
        raise _wrong(spec, f"no {SOUNDS}, the only base for sounds")
    return _described(spec, SOUNDS)


def _described(spec: BaseModel, shape: str) -> Base:
    if spec.shape is not None:
        if spec.shape != shape:
            raise _wrong(spec, f"no {shape}")
        config: PretrainedConfig = BitConfig(**SHAPES[shape])
    else:
        config = read_config(spec)
    if type(config) not in MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING:
        raise _wrong(spec, "no classifier of pictures")
    return of_pictures(spec, config)


def view_of(base: Base) -> PictureView:
    """Size, mean and deviation that the base learnt with, from its preprocessor_config.json."""
    if base.spec.shape is not None:
        return SMALL_VIEW
    try:
        said, _ = ImageProcessingMixin.get_image_processor_dict(base.spec.location, revision=base.spec.revision)
    except (OSError, ValueError) as error:
        raise _wrong(base.spec, "without a readable preprocessor_config.json") from error
    channels = getattr(base.config, "num_channels", 3)
    normal = said.get("do_normalize", True)
    size = said.get("crop_size") if said.get("do_center_crop") else None
    return PictureView(
        size=_size(size or said.get("size") or base.config.image_size),
        mean=_each(said.get("image_mean", 0.5) if normal else 0.0, channels),
        std=_each(said.get("image_std", 0.5) if normal else 1.0, channels),
        scale=said.get("rescale_factor", 1 / 255) if said.get("do_rescale", True) else 1.0,
        resample=said.get("resample", SMALL_VIEW.resample),
    )


def _size(said: Any) -> tuple[int, int]:
    """A number, or a mapping to height and width or to the shortest edge."""
    if isinstance(said, dict):
        said = [said[side] if side in said else said["shortest_edge"] for side in ("height", "width")]
    height, width = (said, said) if isinstance(said, int) else said
    return int(height), int(width)


def _each(said: Any, channels: int) -> tuple[float, ...]:
    return (float(said),) * channels if isinstance(said, int | float) else tuple(map(float, said))


def load(base: Base, outputs: tuple[str, ...]) -> PreTrainedModel:
    """With a fresh head, float32. `outputs`: names, one an output."""
    if base.spec.shape is None:
        return load_model(base, HEAD, outputs)
    config = BitConfig(**SHAPES[base.spec.shape], **labelled(outputs))
    made: PreTrainedModel = HEAD.from_config(config)  # type: ignore[no-untyped-call]
    return made


def _wrong(spec: BaseModel, what: str) -> Problem:
    message = f"The base model {echo(spec.name)} is {what}, which this kind of task needs."
    return Problem("wrong_base_for_task", message, param="base")
