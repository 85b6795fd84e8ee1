"""A small detector that starts at random: every cell of a grid says how likely a thing has its middle there, and how
far its edges are.

Things are points (CenterNet, Zhou et al. 2019, arXiv:1904.07850), learnt from Gaussians around their middles (TTFNet,
Liu et al. 2019, arXiv:1909.00700), which needs far fewer epochs than matching queries to boxes; a box is judged by its
generalized IoU (Rezatofighi et al. 2019, arXiv:1902.09630). Nothing has to be thinned out afterwards, so that the
published file answers with boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log
from pathlib import Path

import torch
import torch.nn.functional as F  # noqa: N812 - the name everybody reads
from torch import Tensor, nn

from contracts.fine_tune import BaseModel
from contracts.problems import Problem, echo
from training.engine.data.boxes import Boxes
from training.engine.model import files, pyramid
from training.engine.model.base import Base
from training.engine.model.pyramid import FINEST, Pyramid

NAME = "detector-small"
MOST = 100  # boxes answered for a picture
NEAR = 0.54  # of a box's sides: how far around its middle it is learnt (TTFNet's alpha and beta)
WEIGHT = 5.0  # of the edges against the middles (the same)
RARE = 0.01  # how likely a cell is a middle, before anything is learnt (Lin et al. 2017, arXiv:1708.02002)
REACH = 16.0  # pixels that the edges are away, before anything is learnt


@dataclass(frozen=True, kw_only=True)
class Shape(pyramid.Shape):
    """`usual`: boxes a picture has in the mean."""

    usual: float


def inspect(spec: BaseModel) -> Base:
    """Problem: `wrong_base_for_task`."""
    if spec.shape != NAME:
        message = f"The base model {echo(spec.name)} finds no boxes; {NAME} does, which starts at random."
        raise Problem("wrong_base_for_task", message, param="base")
    return pyramid.described(spec)


class Detector(nn.Module):
    """Pictures to (N, `MOST`, 6): class, confidence, and corners in shares of the picture's sides, the surest first."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape, self.pyramid = shape, Pyramid(shape)
        self.middles, self.edges = pyramid.head(shape.joined, shape.classes), pyramid.head(shape.joined, 4)
        for one in (self.middles, self.edges):
            nn.init.normal_(one[-1].weight, std=0.01)  # type: ignore[arg-type]
        nn.init.constant_(self.middles[-1].bias, -log(1 / RARE - 1))  # type: ignore[arg-type]
        nn.init.constant_(self.edges[-1].bias, log(REACH / FINEST))  # type: ignore[arg-type]

    def forward(self, pixel_values: Tensor) -> Tensor:
        return _boxes(*self._grid(pixel_values))

    def learn(self, pixel_values: Tensor, truth: Sequence[Boxes]) -> tuple[Tensor, Tensor]:
        """Mean loss over the pictures, whatever else is in the batch, and the answers to them."""
        middles, corners = self._grid(pixel_values)
        peaks, weights, wanted = map(torch.stack, zip(*(_goal(one, middles.shape[1:]) for one in truth), strict=True))
        missed = _focal(middles, peaks) + WEIGHT * (_apart(corners, wanted) * weights).sum()
        return missed / (len(truth) * self.shape.usual), _boxes(middles.detach(), corners.detach())

    def save(self, folder: Path) -> None:
        files.save(self, self.shape, folder)

    def _grid(self, pixel_values: Tensor) -> tuple[Tensor, Tensor]:
        """(N, classes, height, width) logits of being a middle; (N, 4, height, width) corners of the box there."""
        states = self.pyramid(pixel_values)
        return self.middles(states), _corners(self.edges(states))


def _boxes(middles: Tensor, corners: Tensor) -> Tensor:
    """A box a cell that is likelier a middle than those around it."""
    shares, cells = middles.sigmoid(), middles.shape[2] * middles.shape[3]
    peaks = shares * (F.max_pool2d(shares, 3, 1, 1) == shares)
    confidence, at = peaks.flatten(1).topk(MOST)
    chosen = corners.flatten(2).gather(2, (at % cells)[:, None].expand(-1, 4, -1)).clamp(0, 1)
    return torch.cat([(at // cells)[..., None].float(), confidence[..., None], chosen.transpose(1, 2)], dim=2)


def _corners(edges: Tensor) -> Tensor:
    """(N, 4, height, width) logarithms of distances in cells, to the left, up, right, down -> shares of the picture."""
    height, width = edges.shape[2:]
    across, down = (torch.arange(width) + 0.5) / width, ((torch.arange(height) + 0.5) / height)[:, None]
    left, up, right, low = edges.clamp(-6, 6).exp().unbind(1)
    return torch.stack([across - left / width, down - up / height, across + right / width, down + low / height], dim=1)


def _goal(boxes: Boxes, grid: torch.Size) -> tuple[Tensor, Tensor, Tensor]:
    """(classes, height, width), 1 at middles and falling off around them; (height, width), what a cell counts in the
    edges, 1 in all for each box; (4, height, width), its box there, the smaller one where several are near."""
    height, width = grid[1:]
    peaks, weights, wanted = torch.zeros(grid), torch.zeros(height, width), torch.zeros(4, height, width)
    corners = torch.from_numpy(boxes.corners)
    for at in torch.from_numpy(boxes.areas).argsort(descending=True, stable=True).tolist():
        left, up, right, low = corners[at].tolist()
        bell = _bell(up, low, height)[:, None] * _bell(left, right, width)
        kind, near = int(boxes.classes[at]), bell > 0
        peaks[kind] = torch.maximum(peaks[kind], bell)
        weights[near] = bell[near] / bell.sum()
        wanted[:, near] = corners[at][:, None]
    return peaks, weights, wanted


def _bell(first: float, last: float, cells: int) -> Tensor:
    """(cells,) around the middle of a span in shares, 1 in its cell, 0 from three deviations on."""
    middle = min(int((first + last) / 2 * cells), cells - 1)
    deviation = max((last - first) * cells * NEAR / 6, 0.3)
    away = (torch.arange(cells) - middle) / deviation
    return torch.where(away.abs() < 3, (-away.square() / 2).exp(), 0.0)


def _focal(middles: Tensor, peaks: Tensor) -> Tensor:
    """Sum over all cells: middles that are hard to find count most, cells near them little (CornerNet, Law and Deng
    2018, arXiv:1808.01244)."""
    found, absent = F.logsigmoid(middles), F.logsigmoid(-middles)
    shares = middles.sigmoid()
    losses = torch.where(peaks == 1, (1 - shares) ** 2 * found, (1 - peaks) ** 4 * shares**2 * absent)
    return -losses.sum()


def _apart(ours: Tensor, theirs: Tensor) -> Tensor:
    """(N, 4, ...) corners to (N, ...): 1 less the generalized IoU, from 0 to 2."""
    inner = (torch.minimum(ours[:, 2:], theirs[:, 2:]) - torch.maximum(ours[:, :2], theirs[:, :2])).clamp(min=0)
    outer = torch.maximum(ours[:, 2:], theirs[:, 2:]) - torch.minimum(ours[:, :2], theirs[:, :2])
    both, around = inner.prod(1), outer.prod(1).clamp(min=1e-9)
    either = sum((one[:, 2:] - one[:, :2]).prod(1) for one in (ours, theirs)) - both
    found: Tensor = 2 - both / either.clamp(min=1e-9) - either / around
    return found
