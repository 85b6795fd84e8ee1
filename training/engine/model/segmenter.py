"""Models that tell of every pixel what it belongs to: those that transformers has, and a small one that starts at
random, a head over a feature pyramid (Kirillov et al. 2019, arXiv:1901.02446)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn
from transformers import AutoModelForSemanticSegmentation, PreTrainedModel
from transformers.models.auto.modeling_auto import MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.data.masks import VOID, Mask
from training.engine.model import files, pyramid
from training.engine.model.base import Base, load_fitting, of_pictures, read_config
from training.engine.model.pyramid import Pyramid, Shape

HEAD = AutoModelForSemanticSegmentation
NAME = "segmenter-small"


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    if spec.shape == NAME:
        return pyramid.described(spec)
    config = read_config(spec) if spec.shape is None else None
    if type(config) not in MODEL_FOR_SEMANTIC_SEGMENTATION_MAPPING or config is None:
        message = f"The base model {echo(spec.name)} tells no classes of pixels, which this kind of task needs."
        raise Problem("wrong_base_for_task", message, param="base")
    return of_pictures(spec, config)


class Cells(nn.Module):
    """The small one: pictures to (N, classes, ...) logits of cells."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.pyramid = shape, Pyramid(shape)
        self.classes = pyramid.head(shape.joined, shape.classes)

    def forward(self, pixel_values: Tensor) -> Tensor:
        found: Tensor = self.classes(self.pyramid(pixel_values))
        return found


class Segmenter(nn.Module):
    """Pictures to (N, height, width) places of classes, uint8."""

    def __init__(self, model: Cells | PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self._logits(pixel_values).argmax(1).to(torch.uint8)

    def learn(self, pixel_values: Tensor, truth: Sequence[Mask]) -> tuple[Tensor, Tensor]:
        """Mean loss over the pictures, of each cross-entropy of its pixels and what `_apart` says; and the answers."""
        logits = self._logits(pixel_values)
        classes = torch.from_numpy(np.stack(truth)).long()
        losses = F.cross_entropy(logits, classes, ignore_index=VOID, reduction="none").mean((1, 2))
        return (losses + _apart(logits, classes)).mean(), logits.detach().argmax(1).to(torch.uint8)

    @property
    def small(self) -> bool:
        return isinstance(self.model, Cells)

    def save(self, folder: Path) -> None:
        if isinstance(self.model, Cells):
            files.save(self.model, self.model.shape, folder)
        else:
            vars(self.model.config).pop("auto_map", None)
            self.model.save_pretrained(folder)

    def _logits(self, pixel_values: Tensor) -> Tensor:
        """(N, classes, height, width), as large as the picture: the model's own are coarser."""
        answered = self.model(pixel_values=pixel_values)
        coarse = answered if isinstance(answered, Tensor) else answered.logits.float()
        return F.interpolate(coarse, size=pixel_values.shape[2:], mode="bilinear", align_corners=False)


def _apart(logits: Tensor, classes: Tensor) -> Tensor:
    """(N,) from 0 to 1: of the classes that are in a picture the mean of 1 less the soft Dice coefficient (Milletari et
    al. 2016, arXiv:1606.04797), so that what covers few pixels counts as much as what covers many."""
    known = (classes != VOID)[:, None]
    true = F.one_hot(classes.masked_fill(~known[:, 0], 0), logits.shape[1]).permute(0, 3, 1, 2) * known
    said = logits.softmax(1) * known
    missed = 1 - 2 * (said * true).sum((2, 3)) / (said + true).sum((2, 3)).clamp(min=1)
    there = true.sum((2, 3)) > 0
    return (missed * there).sum(1) / there.sum(1).clamp(min=1)


def load(base: Base, classes: tuple[str, ...]) -> Segmenter:
    small = base.spec.shape is not None
    return Segmenter(Cells(Shape(classes=len(classes))) if small else load_fitting(base, HEAD, classes))


def opened(folder: Path) -> Segmenter:
    """What was saved of transformers'."""
    return Segmenter(HEAD.from_pretrained(folder, use_safetensors=True)).eval()
