"""Detectors that transformers has: queries that are matched to boxes (DETR, Carion et al. 2020, arXiv:2005.12872, and
its descendants), each learnt by the loss of its own architecture."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from transformers import AutoModelForObjectDetection, PreTrainedModel
from transformers.models.auto import image_processing_auto

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.data.boxes import Boxes
from training.engine.model.base import Base, load_fitting, read_config
from training.engine.model.detector import MOST

HEAD = AutoModelForObjectDetection
KNOWN = ("conditional_detr", "d_fine", "deformable_detr", "detr", "rt_detr", "rt_detr_v2", "table-transformer", "yolos")
ELSEWHERE = "timm_backbone"  # a part of the model that another library holds


def inspect(spec: BaseModel) -> Base:
    """Problems: `unknown_base_model`, `unsafe_format`, `wrong_base_for_task`."""
    config = read_config(spec)
    parts = getattr(config, "backbone_config", None)
    if config.model_type not in KNOWN or getattr(parts, "model_type", None) == ELSEWHERE:
        known = ", ".join(KNOWN)
        message = (
            f"The base model {echo(spec.name)} is no detector that is trained here. These are, with all their "
            f"weights in transformers' own form: {known}."
        )
        raise Problem("wrong_base_for_task", message, param="base")
    return Base(
        spec=spec,
        config=config,
        positions=0,
        layers=config.num_hidden_layers if hasattr(config, "num_hidden_layers") else config.decoder_layers,
        width=config.hidden_size if hasattr(config, "hidden_size") else config.d_model,
    )


class Queries(nn.Module):
    """Pictures to (N, at most `MOST`, 6), as of `detector.Detector`."""

    def __init__(self, model: PreTrainedModel) -> None:
        super().__init__()
        self.model = model

    def forward(self, pixel_values: Tensor) -> Tensor:
        return self._boxes(self.model(pixel_values=pixel_values))

    def learn(self, pixel_values: Tensor, truth: Sequence[Boxes]) -> tuple[Tensor, Tensor]:
        """The architecture's own loss, a mean over the boxes, and the answers."""
        asked = [{"class_labels": torch.from_numpy(one.classes), "boxes": _middles(one)} for one in truth]
        answered = self.model(pixel_values=pixel_values, labels=asked)
        return answered.loss, self._boxes(answered).detach()

    def _boxes(self, answered: Any) -> Tensor:
        """Where there is one more class than labels, a query is of one of them or of none; else each is for itself."""
        logits, labels = answered.logits.float(), self.model.config.num_labels
        shares = logits.softmax(2)[..., :labels] if logits.shape[2] > labels else logits.sigmoid()
        confidence, at = shares.flatten(1).topk(min(MOST, shares[0].numel()))
        chosen = _corners(answered.pred_boxes.float()).gather(1, (at // labels)[..., None].expand(-1, -1, 4))
        return torch.cat([(at % labels)[..., None].float(), confidence[..., None], chosen.clamp(0, 1)], dim=2)

    @property
    def reader(self) -> str:
        """The class of transformers that prepares its pictures."""
        readers: dict[str, dict[str, str]] = vars(image_processing_auto)["IMAGE_PROCESSOR_MAPPING_NAMES"]
        return readers[self.model.config.model_type]["torchvision"]

    def save(self, folder: Path) -> None:
        vars(self.model.config).pop("auto_map", None)
        self.model.save_pretrained(folder)


def load(base: Base, labels: tuple[str, ...]) -> Queries:
    """With the base's own way to boxes."""
    return Queries(load_fitting(base, HEAD, labels))


def opened(folder: Path) -> Queries:
    """What was saved."""
    return Queries(HEAD.from_pretrained(folder, use_safetensors=True)).eval()


def _middles(boxes: Boxes) -> Tensor:
    """(n, 4) middle, width and height."""
    first, last = torch.from_numpy(boxes.corners).chunk(2, dim=1)
    return torch.cat([(first + last) / 2, last - first], dim=1)


def _corners(boxes: Tensor) -> Tensor:
    middle, sides = boxes.chunk(2, dim=-1)
    return torch.cat([middle - sides / 2, middle + sides / 2], dim=-1)
